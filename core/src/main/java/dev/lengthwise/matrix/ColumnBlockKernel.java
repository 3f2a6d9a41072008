package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;

/// Decoded rows with several tokens.
///
/// A register tile is four rows by two tokens: eight sums hide the latency of the FMA (4 cycles, 2
/// a cycle) and six loads serve eight FMAs, within the 16 registers of AVX2.
final class ColumnBlockKernel {

  private ColumnBlockKernel() {}

  static void add(
      float[] columnBlock,
      int stride,
      int rows,
      int count,
      long inputs,
      long inputStride,
      int tokens,
      float[] sums,
      int at) {
    long tokenBytes = inputStride * Float.BYTES;
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
      int token = 0;
      int to = at + row * tokens;
      for (; token + 2 <= tokens; token += 2) {
        long input = inputs + token * tokenBytes;
        tile4x2(
            columnBlock, row * stride, stride, count, input, tokenBytes, sums, to + token, tokens);
      }
      if (token < tokens) {
        long input = inputs + token * tokenBytes;
        tile4x1(columnBlock, row * stride, stride, count, input, sums, to + token, tokens);
      }
    }
    for (; row < rows; row++) {
      for (int token = 0; token < tokens; token++) {
        int to = at + row * tokens + token;
        tile1x1(columnBlock, row * stride, count, inputs + token * tokenBytes, sums, to);
      }
    }
  }

  private static void tile4x2(
      float[] columnBlock,
      int p,
      int stride,
      int count,
      long input,
      long tokenBytes,
      float[] sums,
      int to,
      int tokens) {
    FloatVector s00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    int whole = count / Lanes.COUNT * Lanes.COUNT;
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      FloatVector x0 = Lanes.floats(input + (long) c * Float.BYTES);
      FloatVector x1 = Lanes.floats(input + tokenBytes + (long) c * Float.BYTES);
      FloatVector w = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + c);
      s00 = w.fma(x0, s00);
      s01 = w.fma(x1, s01);
      w = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + stride + c);
      s10 = w.fma(x0, s10);
      s11 = w.fma(x1, s11);
      w = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + 2 * stride + c);
      s20 = w.fma(x0, s20);
      s21 = w.fma(x1, s21);
      w = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + 3 * stride + c);
      s30 = w.fma(x0, s30);
      s31 = w.fma(x1, s31);
    }
    sums[to] += sum(s00) + tail(columnBlock, p, whole, count, input);
    sums[to + tokens] += sum(s10) + tail(columnBlock, p + stride, whole, count, input);
    sums[to + 2 * tokens] += sum(s20) + tail(columnBlock, p + 2 * stride, whole, count, input);
    sums[to + 3 * tokens] += sum(s30) + tail(columnBlock, p + 3 * stride, whole, count, input);
    long next = input + tokenBytes;
    sums[to + 1] += sum(s01) + tail(columnBlock, p, whole, count, next);
    sums[to + tokens + 1] += sum(s11) + tail(columnBlock, p + stride, whole, count, next);
    sums[to + 2 * tokens + 1] += sum(s21) + tail(columnBlock, p + 2 * stride, whole, count, next);
    sums[to + 3 * tokens + 1] += sum(s31) + tail(columnBlock, p + 3 * stride, whole, count, next);
  }

  private static void tile4x1(
      float[] columnBlock,
      int p,
      int stride,
      int count,
      long input,
      float[] sums,
      int to,
      int tokens) {
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = count / Lanes.COUNT * Lanes.COUNT;
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      FloatVector x = Lanes.floats(input + (long) c * Float.BYTES);
      s0 = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + c).fma(x, s0);
      s1 = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + stride + c).fma(x, s1);
      s2 = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + 2 * stride + c).fma(x, s2);
      s3 = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + 3 * stride + c).fma(x, s3);
    }
    sums[to] += sum(s0) + tail(columnBlock, p, whole, count, input);
    sums[to + tokens] += sum(s1) + tail(columnBlock, p + stride, whole, count, input);
    sums[to + 2 * tokens] += sum(s2) + tail(columnBlock, p + 2 * stride, whole, count, input);
    sums[to + 3 * tokens] += sum(s3) + tail(columnBlock, p + 3 * stride, whole, count, input);
  }

  private static void tile1x1(
      float[] columnBlock, int p, int count, long input, float[] sums, int to) {
    FloatVector s = FloatVector.zero(Lanes.FLOATS);
    int whole = count / Lanes.COUNT * Lanes.COUNT;
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      FloatVector x = Lanes.floats(input + (long) c * Float.BYTES);
      s = FloatVector.fromArray(Lanes.FLOATS, columnBlock, p + c).fma(x, s);
    }
    sums[to] += sum(s) + tail(columnBlock, p, whole, count, input);
  }

  private static float sum(FloatVector vector) {
    return Lanes.sum(vector);
  }

  // The last columns, which do not fill a vector.
  private static float tail(float[] columnBlock, int p, int from, int until, long input) {
    float sum = 0;
    for (int c = from; c < until; c++) {
      sum += columnBlock[p + c] * Memory.floatAt(input + (long) c * Float.BYTES);
    }
    return sum;
  }
}
