package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;

/// Rows of plain floats with one token.
///
/// Four rows at a time: they share the loads of the token, and their four sums hide the latency of
/// the FMA. The rows lie a quarter of the task apart, so that each is one of four streams that run
/// through memory without a jump: neighbouring rows would make a pattern that the processor does
/// not foresee.
final class PlainDot {

  private static final int ROWS = 4;

  private PlainDot() {}

  static void f32(long weights, int rows, int columns, long input, float[] sums, int at) {
    long rowBytes = (long) columns * Float.BYTES;
    int whole = columns / Lanes.COUNT;
    int row = 0;
    int part = rows / ROWS;
    long apart = part * rowBytes;
    for (; row < part; row++) {
      long p = weights + row * rowBytes;
      FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int v = 0; v < whole; v++) {
        long o = (long) v * Lanes.COUNT * Float.BYTES;
        FloatVector x = Lanes.floats(input + o);
        s0 = Lanes.floats(p + o).fma(x, s0);
        s1 = Lanes.floats(p + apart + o).fma(x, s1);
        s2 = Lanes.floats(p + 2 * apart + o).fma(x, s2);
        s3 = Lanes.floats(p + 3 * apart + o).fma(x, s3);
      }
      sums[at + row] = Lanes.sum(s0);
      sums[at + row + part] = Lanes.sum(s1);
      sums[at + row + 2 * part] = Lanes.sum(s2);
      sums[at + row + 3 * part] = Lanes.sum(s3);
    }
    for (row = ROWS * part; row < rows; row++) {
      FloatVector s = FloatVector.zero(Lanes.FLOATS);
      for (int v = 0; v < whole; v++) {
        long o = (long) v * Lanes.COUNT * Float.BYTES;
        s = Lanes.floats(weights + row * rowBytes + o).fma(Lanes.floats(input + o), s);
      }
      sums[at + row] = Lanes.sum(s);
    }
    tails(WeightType.F32, weights, rows, columns, input, sums, at);
  }

  static void bf16(long weights, int rows, int columns, long input, float[] sums, int at) {
    long rowBytes = (long) columns * Short.BYTES;
    int whole = columns / Lanes.COUNT * Lanes.COUNT;
    int row = 0;
    int part = rows / ROWS;
    long apart = part * rowBytes;
    for (; row < part; row++) {
      long p = weights + row * rowBytes;
      FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int c = 0; c < whole; c += Lanes.COUNT) {
        long o = 2L * c;
        FloatVector x = Lanes.floats(input + 4L * c);
        s0 = Lanes.bf16(p + o).fma(x, s0);
        s1 = Lanes.bf16(p + apart + o).fma(x, s1);
        s2 = Lanes.bf16(p + 2 * apart + o).fma(x, s2);
        s3 = Lanes.bf16(p + 3 * apart + o).fma(x, s3);
      }
      sums[at + row] = Lanes.sum(s0);
      sums[at + row + part] = Lanes.sum(s1);
      sums[at + row + 2 * part] = Lanes.sum(s2);
      sums[at + row + 3 * part] = Lanes.sum(s3);
    }
    for (row = ROWS * part; row < rows; row++) {
      FloatVector s = FloatVector.zero(Lanes.FLOATS);
      for (int c = 0; c < whole; c += Lanes.COUNT) {
        s = Lanes.bf16(weights + row * rowBytes + 2L * c).fma(Lanes.floats(input + 4L * c), s);
      }
      sums[at + row] = Lanes.sum(s);
    }
    tails(WeightType.BF16, weights, rows, columns, input, sums, at);
  }

  // Two rows: the conversion is long, and a longer loop would pass the limit of inlining.
  static void f16(long weights, int rows, int columns, long input, float[] sums, int at) {
    long rowBytes = (long) columns * Short.BYTES;
    int whole = columns / Lanes.COUNT;
    int row = 0;
    int part = rows / 2;
    long apart = part * rowBytes;
    for (; row < part; row++) {
      long p = weights + row * rowBytes;
      FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector s1 = s0;
      for (int v = 0; v < whole; v++) {
        long o = (long) v * Lanes.COUNT * Short.BYTES;
        FloatVector x = Lanes.floats(input + 2 * o);
        s0 = Lanes.halves(p + o).fma(x, s0);
        s1 = Lanes.halves(p + apart + o).fma(x, s1);
      }
      sums[at + row] = Lanes.sum(s0);
      sums[at + row + part] = Lanes.sum(s1);
    }
    for (row = 2 * part; row < rows; row++) {
      FloatVector s = FloatVector.zero(Lanes.FLOATS);
      for (int v = 0; v < whole; v++) {
        long o = (long) v * Lanes.COUNT * Short.BYTES;
        s = Lanes.halves(weights + row * rowBytes + o).fma(Lanes.floats(input + 2 * o), s);
      }
      sums[at + row] = Lanes.sum(s);
    }
    tails(WeightType.F16, weights, rows, columns, input, sums, at);
  }

  // The last columns, which do not fill a vector.
  private static void tails(
      WeightType type, long weights, int rows, int columns, long input, float[] sums, int at) {
    int first = columns / Lanes.COUNT * Lanes.COUNT;
    if (first == columns) {
      return;
    }
    long rowBytes = type.bytes(columns);
    for (int row = 0; row < rows; row++) {
      for (int c = first; c < columns; c++) {
        long address = weights + row * rowBytes + type.bytes(c);
        float weight =
            switch (type) {
              case F32 -> Memory.floatAt(address);
              case BF16 -> Memory.bf16At(address);
              default -> Memory.halfAt(address);
            };
        sums[at + row] += weight * Memory.floatAt(input + (long) c * Float.BYTES);
      }
    }
  }
}
