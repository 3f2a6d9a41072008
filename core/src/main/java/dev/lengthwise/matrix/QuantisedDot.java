package dev.lengthwise.matrix;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Rows of a quantised type with one token, from the bytes as they lie.
///
/// Q8_0 has [EightBitDot]. Of the others two rows at a time, half a task apart: each is a stream
/// that runs through memory without a jump (see [PlainDot]). A row is cut into strips: first what
/// several blocks need is computed for many at once (the six-bit scales, the part of the minima),
/// then the numbers are multiplied.
///
/// A minimum of a block is the same for all its weights, so it needs only the sum of the block's
/// activations; these sums are computed once a call, and 16 blocks are one FMA. The half-precision
/// scales of single blocks are converted where they are used.
final class QuantisedDot {

  /// Where the scales of the second row of a strip begin.
  static final int SECOND = Scratch.STRIP / 16;

  private static final float[] NONE = {};

  private QuantisedDot() {}

  /// Whether there is a product for `type` at this width of vectors.
  static boolean has(WeightType type) {
    return switch (type) {
      case F32, BF16, F16, F8_E4M3, F8_E5M2, Q2_K, Q3_K, TQ1_0, TQ2_0 -> false;
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 -> true;
      case IQ4_NL, IQ4_XS, MXFP4, Q4_K, Q5_K, Q6_K -> Lanes.COUNT == 16;
    };
  }

  /// See [MatrixKernels#dot].
  ///
  /// @param rows as many as `scratch.vectors` holds at most
  static void rows(
      WeightType type,
      long weights,
      int rows,
      int columns,
      long input,
      float[] sums,
      int at,
      Scratch scratch) {
    if (type == WeightType.Q8_0) {
      EightBitDot.rows(weights, rows, columns, input, sums, at, scratch);
      return;
    }
    long rowBytes = type.bytes(columns);
    long x = Memory.known(input);
    int apart = rows / 2;
    float[] inputSums = inputSums(type, x, columns, scratch);
    Arrays.fill(scratch.vectors, 0, (rows + 1) * Lanes.COUNT, 0);
    for (int row = 0; row < rows - apart; row++) {
      // The last of an odd number of rows is its own neighbour, whose sums nobody reads.
      boolean pair = row < apart;
      int first = pair ? row : rows - 1;
      int second = pair ? row + apart : rows - 1;
      long p0 = Memory.known(weights + first * rowBytes);
      long p1 = Memory.known(weights + second * rowBytes);
      int to0 = first * Lanes.COUNT;
      int to1 = (pair ? second : rows) * Lanes.COUNT;
      for (int from = 0; from < columns; from += Scratch.STRIP) {
        int count = Math.min(Scratch.STRIP, columns - from);
        long o = type.bytes(from);
        scales(type, p0 + o, from, count, inputSums, scratch, 0, to0);
        scales(type, p1 + o, from, count, inputSums, scratch, SECOND, to1);
        strips(type, p0 + o, p1 + o, x + (long) from * Float.BYTES, count, scratch, to0, to1);
      }
    }
    Lanes.sums(scratch.vectors, rows, sums, at);
  }

  private static float[] inputSums(WeightType type, long x, int columns, Scratch scratch) {
    float[] sums = NONE;
    switch (type) {
      case Q4_1, Q5_1 -> sums = sums(x, columns, scratch);
      case Q4_K, Q5_K -> {
        // Beside eight scales, which add nothing, lie eight minima: see SuperBlockDot.
        sums = scratch.inputSums(columns / 16);
        for (int b = 0; b < columns / 32; b++) {
          sums[b / 8 * 16 + 8 + b % 8] = sum(x + b * 128L);
        }
      }
      default -> {}
    }
    return sums;
  }

  /// Sums of 32 activations each, and some zeros.
  static float[] sums(long x, int columns, Scratch scratch) {
    float[] sums = scratch.inputSums(columns / 32 + Lanes.COUNT);
    for (int b = 0; b < columns / 32; b++) {
      sums[b] = sum(x + b * 128L);
    }
    return sums;
  }

  private static float sum(long x) {
    FloatVector sum = Lanes.floats(x);
    for (int i = Lanes.COUNT; i < 32; i += Lanes.COUNT) {
      sum = sum.add(Lanes.floats(x + (long) i * Float.BYTES));
    }
    return Lanes.sum(sum);
  }

  private static void scales(
      WeightType type,
      long p,
      int from,
      int count,
      float[] inputSums,
      Scratch scratch,
      int at,
      int to) {
    switch (type) {
      case Q4_1, Q5_1 ->
          BlockDot.minima(p + 2, type.blockBytes(), count / 32, inputSums, from / 32, scratch, to);
      case Q4_K, Q5_K ->
          SuperBlockDot.scales(
              p, type.blockBytes(), count / 256, inputSums, from / 16, scratch, at, to);
      case Q6_K -> SuperBlockDot.sixBitScales(p, count / 256, scratch, at);
      case IQ4_XS -> LevelDot.scales(p, count / 256, scratch, at);
      default -> {}
    }
  }

  private static void strips(
      WeightType type, long p0, long p1, long x, int count, Scratch scratch, int to0, int to1) {
    int blocks = count / type.blockSize();
    switch (type) {
      case Q4_0 -> BlockDot.fourBits(8, 2, p0, p1, x, blocks, scratch, to0, to1);
      case Q4_1 -> BlockDot.fourBits(0, 4, p0, p1, x, blocks, scratch, to0, to1);
      case Q5_0 -> BlockDot.fiveBits(16, 2, p0, p1, x, blocks, scratch, to0, to1);
      case Q5_1 -> BlockDot.fiveBits(0, 4, p0, p1, x, blocks, scratch, to0, to1);
      case IQ4_NL -> LevelDot.uneven(p0, p1, x, blocks, scratch, to0, to1);
      case MXFP4 -> LevelDot.floats(p0, p1, x, blocks, scratch, to0, to1);
      case IQ4_XS -> {
        LevelDot.unevenParts(p0, x, blocks, scratch, 0, to0);
        LevelDot.unevenParts(p1, x, blocks, scratch, SECOND, to1);
      }
      case Q4_K -> {
        SuperBlockDot.fourBits(p0, x, blocks, scratch, 0, to0);
        SuperBlockDot.fourBits(p1, x, blocks, scratch, SECOND, to1);
      }
      case Q5_K -> {
        SuperBlockDot.fiveBits(p0, x, blocks, scratch, 0, to0);
        SuperBlockDot.fiveBits(p1, x, blocks, scratch, SECOND, to1);
      }
      case Q6_K -> {
        SuperBlockDot.sixBits(p0, x, blocks, scratch, 0, to0);
        SuperBlockDot.sixBits(p1, x, blocks, scratch, SECOND, to1);
      }
      default -> throw new IllegalArgumentException(type + " has no product of its own");
    }
  }
}
