package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;

/// Rows of Q8_0 with several tokens, each with the sums that it has alone ([EightBitDot]).
///
/// Four tokens share what costs most: a vector of weights is widened to floats once for all of
/// them. A strip of the four is read again and again from the first-level cache, while 16 rows pass
/// by; what a row has summed up to there waits in memory.
final class EightBitBatch {

  /// Tokens that share the widening.
  static final int TOKENS = 4;

  private static final int SIZE = 32;
  private static final int BLOCK_BYTES = 34;
  private static final int ROWS = 16;

  // Blocks of a strip: those of four tokens take 32 KiB. With half of them, weights come from
  // memory in pieces that are too short for the prefetcher.
  private static final int STRIP = 64;

  private EightBitBatch() {}

  /// See [MatrixKernels#dot].
  ///
  /// @param inputs at least [#TOKENS]
  static void rows(long weights, int rows, FloatRows inputs, float[] sums, Scratch scratch) {
    int tokens = inputs.count();
    int vectors = Math.min(ROWS, rows) * TOKENS;
    float[] found = scratch.single(vectors);
    for (int row = 0; row < rows; row += ROWS) {
      int count = Math.min(ROWS, rows - row);
      long address = weights + row * WeightType.Q8_0.bytes(inputs.columns());
      for (int token = 0; token < tokens; token += TOKENS) {
        // The last four may be four that were there: they get the same results once more.
        int first = Math.min(token, tokens - TOKENS);
        fourTokens(address, count, inputs, first, scratch.vectors);
        Lanes.sums(scratch.vectors, count * TOKENS, found, 0);
        for (int n = 0; n < count * TOKENS; n++) {
          sums[(row + n / TOKENS) * tokens + first + n % TOKENS] = found[n];
        }
      }
    }
  }

  private static void fourTokens(
      long weights, int rows, FloatRows inputs, int first, float[] vectors) {
    int blocks = inputs.columns() / SIZE;
    long apart = (long) inputs.columns() * Float.BYTES;
    for (int from = 0; from < blocks; from += STRIP) {
      int count = Math.min(STRIP, blocks - from);
      long input = inputs.addressOf(first) + (long) from * SIZE * Float.BYTES;
      for (int row = 0; row < rows; row++) {
        long strip = weights + ((long) row * blocks + from) * BLOCK_BYTES;
        strip(strip, count, input, apart, vectors, row * TOKENS * Lanes.COUNT, from == 0);
      }
    }
  }

  // Begins or goes on with the sums of a row: four vectors from index `at` on.
  private static void strip(
      long weights, int blocks, long input, long apart, float[] vectors, int at, boolean begins) {
    long p = Memory.known(weights);
    long x0 = Memory.known(input);
    long x1 = Memory.known(input + apart);
    long x2 = Memory.known(input + 2 * apart);
    long x3 = Memory.known(input + 3 * apart);
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    if (!begins) {
      s0 = FloatVector.fromArray(Lanes.FLOATS, vectors, at);
      s1 = FloatVector.fromArray(Lanes.FLOATS, vectors, at + Lanes.COUNT);
      s2 = FloatVector.fromArray(Lanes.FLOATS, vectors, at + 2 * Lanes.COUNT);
      s3 = FloatVector.fromArray(Lanes.FLOATS, vectors, at + 3 * Lanes.COUNT);
    }
    for (int b = 0; b < blocks; b++) {
      long o = p + (long) b * BLOCK_BYTES;
      long xo = (long) b * SIZE * Float.BYTES;
      FloatVector weight = Lanes.bytes(o + 2);
      FloatVector sum0 = weight.mul(Lanes.floats(x0 + xo));
      FloatVector sum1 = weight.mul(Lanes.floats(x1 + xo));
      FloatVector sum2 = weight.mul(Lanes.floats(x2 + xo));
      FloatVector sum3 = weight.mul(Lanes.floats(x3 + xo));
      for (int i = Lanes.COUNT; i < SIZE; i += Lanes.COUNT) {
        long xi = xo + (long) i * Float.BYTES;
        weight = Lanes.bytes(o + 2 + i);
        sum0 = weight.fma(Lanes.floats(x0 + xi), sum0);
        sum1 = weight.fma(Lanes.floats(x1 + xi), sum1);
        sum2 = weight.fma(Lanes.floats(x2 + xi), sum2);
        sum3 = weight.fma(Lanes.floats(x3 + xi), sum3);
      }
      FloatVector scale = FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(o));
      s0 = sum0.fma(scale, s0);
      s1 = sum1.fma(scale, s1);
      s2 = sum2.fma(scale, s2);
      s3 = sum3.fma(scale, s3);
    }
    s0.intoArray(vectors, at);
    s1.intoArray(vectors, at + Lanes.COUNT);
    s2.intoArray(vectors, at + 2 * Lanes.COUNT);
    s3.intoArray(vectors, at + 3 * Lanes.COUNT);
  }
}
