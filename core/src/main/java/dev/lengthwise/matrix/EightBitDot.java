package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;

/// Rows of Q8_0 with one token.
///
/// Four rows at a time, a quarter of the task apart, as in [PlainDot]. A block is two or more
/// vectors of numbers times those of the token, and one FMA with its scale.
///
/// The loop has more than the 325 bytecodes below which the compiler would make it part of its
/// caller, with an object for every vector.
final class EightBitDot {

  private static final int ROWS = 4;
  private static final int SIZE = 32;

  private EightBitDot() {}

  /// See [MatrixKernels#dot].
  ///
  /// @param rows as many as `scratch.vectors` holds at most
  static void rows(
      long weights, int rows, int columns, long input, float[] sums, int at, Scratch scratch) {
    long rowBytes = WeightType.Q8_0.bytes(columns);
    int blocks = columns / SIZE;
    int part = rows / ROWS;
    for (int row = 0; row < part; row++) {
      long p = weights + row * rowBytes;
      fourRows(p, part * rowBytes, input, blocks, scratch.vectors, row, part);
    }
    for (int row = ROWS * part; row < rows; row++) {
      // Four times the same row, and the same result.
      fourRows(weights + row * rowBytes, 0, input, blocks, scratch.vectors, row, 0);
    }
    Lanes.sums(scratch.vectors, rows, sums, at);
  }

  // Rows `row`, `row + part` … of the result; `apart` bytes from one to the next.
  private static void fourRows(
      long weights, long apart, long input, int blocks, float[] vectors, int row, int part) {
    long p0 = Memory.known(weights);
    long p1 = Memory.known(weights + apart);
    long p2 = Memory.known(weights + 2 * apart);
    long p3 = Memory.known(weights + 3 * apart);
    long x = Memory.known(input);
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int b = 0; b < blocks; b++) {
      long o = b * 34L;
      long xo = x + (long) b * SIZE * Float.BYTES;
      FloatVector token = Lanes.floats(xo);
      FloatVector sum0 = Lanes.bytes(p0 + o + 2).mul(token);
      FloatVector sum1 = Lanes.bytes(p1 + o + 2).mul(token);
      FloatVector sum2 = Lanes.bytes(p2 + o + 2).mul(token);
      FloatVector sum3 = Lanes.bytes(p3 + o + 2).mul(token);
      for (int i = Lanes.COUNT; i < SIZE; i += Lanes.COUNT) {
        token = Lanes.floats(xo + (long) i * Float.BYTES);
        sum0 = Lanes.bytes(p0 + o + 2 + i).fma(token, sum0);
        sum1 = Lanes.bytes(p1 + o + 2 + i).fma(token, sum1);
        sum2 = Lanes.bytes(p2 + o + 2 + i).fma(token, sum2);
        sum3 = Lanes.bytes(p3 + o + 2 + i).fma(token, sum3);
      }
      s0 = sum0.fma(FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(p0 + o)), s0);
      s1 = sum1.fma(FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(p1 + o)), s1);
      s2 = sum2.fma(FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(p2 + o)), s2);
      s3 = sum3.fma(FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(p3 + o)), s3);
    }
    s0.intoArray(vectors, row * Lanes.COUNT);
    s1.intoArray(vectors, (row + part) * Lanes.COUNT);
    s2.intoArray(vectors, (row + 2 * part) * Lanes.COUNT);
    s3.intoArray(vectors, (row + 3 * part) * Lanes.COUNT);
  }
}
