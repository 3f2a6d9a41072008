package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;

/// Rows of Q8_0 with one token: bytes become floats, one FMA a vector, and one with the scale for
/// each block.
///
/// Two rows at a time share the loads of the token; four gave no more and need more instructions
/// than C2 is willing to inline into one loop. The rows lie half a task apart: see [PlainDot].
final class EightBitDot {

  private static final int SIZE = 32;
  private static final int BYTES = 34;

  private EightBitDot() {}

  static void rows(long weights, int rows, int columns, long input, float[] sums, int at) {
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
        long o = (long) b * BYTES;
        long x = input + (long) b * SIZE * Float.BYTES;
        s0 = block(p + o, x).fma(scale(p + o), s0);
        s1 = block(p + apart + o, x).fma(scale(p + apart + o), s1);
      }
      sums[at + row] = Lanes.sum(s0);
      sums[at + row + part] = Lanes.sum(s1);
    }
    for (row = 2 * part; row < rows; row++) {
      long p = weights + row * rowBytes;
      FloatVector s = FloatVector.zero(Lanes.FLOATS);
      for (int b = 0; b < blocks; b++) {
        long o = (long) b * BYTES;
        s = block(p + o, input + (long) b * SIZE * Float.BYTES).fma(scale(p + o), s);
      }
      sums[at + row] = Lanes.sum(s);
    }
  }

  private static FloatVector scale(long block) {
    return FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(block));
  }

  private static FloatVector block(long p, long x) {
    FloatVector sum = Lanes.bytes(p + Short.BYTES).mul(Lanes.floats(x));
    for (int i = Lanes.COUNT; i < SIZE; i += Lanes.COUNT) {
      sum = Lanes.bytes(p + Short.BYTES + i).fma(Lanes.floats(x + (long) i * Float.BYTES), sum);
    }
    return sum;
  }
}
