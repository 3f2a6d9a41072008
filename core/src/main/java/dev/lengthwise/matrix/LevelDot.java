package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of four-bit numbers that choose from 16 levels, with one token: Q4_0, whose levels are
/// −8 … 7, and IQ4_NL.
///
/// A level is looked up in a register (one permutation of 16 lanes); where vectors have fewer than
/// 16 lanes the rows are decoded first. Two rows at a time, as in [EightBitDot].
final class LevelDot {

  private static final int SIZE = 32;
  private static final int BYTES = 18;

  /// The levels of IQ4_NL, ggml's `kvalues_iq4nl`.
  static final int[] UNEVEN = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /// The levels of Q4_0 as bits of floats.
  static final int[] EVEN_BITS = new int[16];

  /// The levels of IQ4_NL as bits of floats.
  static final int[] UNEVEN_BITS = new int[16];

  static {
    for (int level = 0; level < 16; level++) {
      EVEN_BITS[level] = Float.floatToRawIntBits(level - 8);
      UNEVEN_BITS[level] = Float.floatToRawIntBits(UNEVEN[level]);
    }
  }

  private LevelDot() {}

  /// Products by looking up levels; vectors must have 16 lanes.
  static void lookUp(
      int[] levels, long weights, int rows, int columns, long input, float[] sums, int at) {
    IntVector table = IntVector.fromArray(Lanes.INTS, levels, 0);
    int blocks = columns / SIZE;
    long rowBytes = (long) blocks * BYTES;
    int row = 0;
    for (; row + 2 <= rows; row += 2) {
      long p = weights + row * rowBytes;
      FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector s1 = s0;
      for (int b = 0; b < blocks; b++) {
        long o = p + (long) b * BYTES;
        FloatVector x0 = Lanes.floats(input + (long) b * SIZE * Float.BYTES);
        FloatVector x1 = Lanes.floats(input + (long) b * SIZE * Float.BYTES + 64);
        s0 = block(table, o, x0, x1).fma(scale(o), s0);
        s1 = block(table, o + rowBytes, x0, x1).fma(scale(o + rowBytes), s1);
      }
      sums[at + row] = s0.reduceLanes(VectorOperators.ADD);
      sums[at + row + 1] = s1.reduceLanes(VectorOperators.ADD);
    }
    if (row < rows) {
      long p = weights + row * rowBytes;
      FloatVector s = FloatVector.zero(Lanes.FLOATS);
      for (int b = 0; b < blocks; b++) {
        long o = p + (long) b * BYTES;
        FloatVector x0 = Lanes.floats(input + (long) b * SIZE * Float.BYTES);
        FloatVector x1 = Lanes.floats(input + (long) b * SIZE * Float.BYTES + 64);
        s = block(table, o, x0, x1).fma(scale(o), s);
      }
      sums[at + row] = s.reduceLanes(VectorOperators.ADD);
    }
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
