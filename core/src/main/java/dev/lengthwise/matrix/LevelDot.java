package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of four-bit numbers that choose from 16 levels, with one token: Q4_0, whose levels are
/// −8 … 7 and are computed, and IQ4_NL, whose levels are looked up in a register (one permutation
/// of 16 lanes).
///
/// Two rows at a time, half a task apart: see [PlainDot].
final class LevelDot {

  private static final int SIZE = 32;
  private static final int BYTES = 18;

  /// The levels of IQ4_NL, ggml's `kvalues_iq4nl`.
  static final int[] UNEVEN = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /// The levels of IQ4_NL as bits of floats.
  static final int[] UNEVEN_BITS = new int[16];

  static {
    for (int level = 0; level < 16; level++) {
      UNEVEN_BITS[level] = Float.floatToRawIntBits(UNEVEN[level]);
    }
  }

  private static final int TWO_TO_23 = Float.floatToRawIntBits(0x1p23f);

  private LevelDot() {}

  /// Products by looking up levels; vectors must have 16 lanes.
  static void lookUp(
      int[] levels, long weights, int rows, int columns, long input, float[] sums, int at) {
    IntVector table = IntVector.fromArray(Lanes.INTS, levels, 0);
    int blocks = columns / SIZE;
    long rowBytes = (long) blocks * BYTES;
    int row = 0;
    int part = rows / 2;
    long apart = part * rowBytes;
    for (; row < part; row++) {
      long p = weights + row * rowBytes;
      FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector s1 = s0;
      for (int b = 0; b < blocks; b++) {
        long o = p + (long) b * BYTES;
        FloatVector x0 = Lanes.floats(input + (long) b * SIZE * Float.BYTES);
        FloatVector x1 = Lanes.floats(input + (long) b * SIZE * Float.BYTES + 64);
        s0 = block(table, o, x0, x1).fma(scale(o), s0);
        s1 = block(table, o + apart, x0, x1).fma(scale(o + apart), s1);
      }
      sums[at + row] = Lanes.sum(s0);
      sums[at + row + part] = Lanes.sum(s1);
    }
    for (row = 2 * part; row < rows; row++) {
      long p = weights + row * rowBytes;
      FloatVector s = FloatVector.zero(Lanes.FLOATS);
      for (int b = 0; b < blocks; b++) {
        long o = p + (long) b * BYTES;
        FloatVector x0 = Lanes.floats(input + (long) b * SIZE * Float.BYTES);
        FloatVector x1 = Lanes.floats(input + (long) b * SIZE * Float.BYTES + 64);
        s = block(table, o, x0, x1).fma(scale(o), s);
      }
      sums[at + row] = Lanes.sum(s);
    }
  }

  /// Products with Q4_0 by arithmetic: in the bits of 2²³ + n the last ones are n, so a number
  /// becomes a float by one logical operation and a subtraction. At 16 lanes as fast as looking
  /// up, and right for any number of lanes.
  static void even(long weights, int rows, int columns, long input, float[] sums, int at) {
    int blocks = columns / SIZE;
    long rowBytes = (long) blocks * BYTES;
    int row = 0;
    int part = rows / 2;
    long apart = part * rowBytes;
    for (; row < part; row++) {
      long p = weights + row * rowBytes;
      FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector s1 = s0;
      for (int b = 0; b < blocks; b++) {
        long o = p + (long) b * BYTES;
        long x = input + (long) b * SIZE * Float.BYTES;
        s0 = evenBlock(o, x).fma(scale(o), s0);
        s1 = evenBlock(o + apart, x).fma(scale(o + apart), s1);
      }
      sums[at + row] = Lanes.sum(s0);
      sums[at + row + part] = Lanes.sum(s1);
    }
    for (row = 2 * part; row < rows; row++) {
      long p = weights + row * rowBytes;
      FloatVector s = FloatVector.zero(Lanes.FLOATS);
      for (int b = 0; b < blocks; b++) {
        long o = p + (long) b * BYTES;
        s = evenBlock(o, input + (long) b * SIZE * Float.BYTES).fma(scale(o), s);
      }
      sums[at + row] = Lanes.sum(s);
    }
  }

  private static FloatVector evenBlock(long p, long x) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    for (int i = 0; i < SIZE / 2; i += Lanes.COUNT) {
      IntVector numbers = Lanes.unsigned(p + Short.BYTES + i);
      FloatVector lower = exact(numbers.and(15));
      FloatVector upper = exact(numbers.lanewise(VectorOperators.LSHR, 4));
      sum = lower.fma(Lanes.floats(x + (long) i * Float.BYTES), sum);
      sum = upper.fma(Lanes.floats(x + (long) (i + SIZE / 2) * Float.BYTES), sum);
    }
    return sum;
  }

  private static FloatVector exact(IntVector number) {
    return number.or(TWO_TO_23).reinterpretAsFloats().sub(0x1p23f + 8);
  }

  private static FloatVector scale(long block) {
    return FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(block));
  }

  // Looking up takes a number modulo 16, so the lower halves need no mask.
  private static FloatVector block(IntVector table, long p, FloatVector x0, FloatVector x1) {
    IntVector numbers = Lanes.unsigned(p + Short.BYTES);
    FloatVector lower = numbers.selectFrom(table).reinterpretAsFloats();
    FloatVector upper =
        numbers.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats();
    return upper.fma(x1, lower.mul(x0));
  }
}
