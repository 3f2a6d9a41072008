package dev.lengthwise.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The loops of the vector engine in plain Java: what they compute, for readers, for tests and for
/// machines without vectors.
final class ScalarKernels implements Kernels {

  static final ScalarKernels INSTANCE = new ScalarKernels();

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  // Below this a weight is no normal number, and counts as 0.
  private static final float SMALLEST_EXPONENT = -126;

  private ScalarKernels() {}

  @Override
  public void multiply(Product product, int fromRow, int untilRow, boolean add) {
    int columns = product.columns();
    for (int row = fromRow; row < untilRow; row++) {
      int to = row * columns;
      if (!add) {
        Arrays.fill(product.result(), to, to + columns, 0);
      }
      for (int k = 0; k < product.inner(); k++) {
        float factor = product.left()[row * product.inner() + k];
        for (int column = 0; column < columns; column++) {
          product.result()[to + column] += factor * product.right()[k * columns + column];
        }
      }
    }
  }

  @Override
  public void weigh(Softmax softmax, float[] scores, int fromRow, int untilRow) {
    for (int row = fromRow; row < untilRow; row++) {
      float greatest = Float.NEGATIVE_INFINITY;
      for (int key = 0; key < KEYS; key++) {
        greatest = Math.max(greatest, scores[row * KEYS + key]);
      }
      if (greatest > softmax.reference()[row] + HEADROOM) {
        raise(softmax, row, greatest);
      }
      float reference = softmax.reference()[row];
      float total = 0;
      for (int key = 0; key < KEYS; key++) {
        float weight = exp2(scores[row * KEYS + key] - reference);
        scores[row * KEYS + key] = weight;
        total += weight;
      }
      softmax.totals()[row * PARTIAL_SUMS] += total;
    }
  }

  /// `2^x` for `x <= HEADROOM`; 0 where the result would not be a normal number.
  static float exp2(float x) {
    return x < SMALLEST_EXPONENT ? 0 : (float) Math.pow(2, x);
  }

  /// Raises the reference of a row to the next whole number from `score` on.
  static void raise(Softmax softmax, int row, float score) {
    float before = softmax.reference()[row];
    float after = (float) Math.ceil(score);
    float shrink = powerOfTwo(before - after);
    softmax.reference()[row] = after;
    scale(softmax.totals(), row * PARTIAL_SUMS, PARTIAL_SUMS, shrink);
    scale(softmax.weighted(), row * softmax.width(), softmax.width(), shrink);
  }

  /// `2^exponent` of a whole number; 0 where that is no normal number.
  static float powerOfTwo(float exponent) {
    return exponent < SMALLEST_EXPONENT ? 0 : Math.scalb(1f, (int) exponent);
  }

  private static void scale(float[] values, int from, int count, float factor) {
    for (int at = from; at < from + count; at++) {
      values[at] *= factor;
    }
  }

  @Override
  public void addBias(Bias bias, float[] scores, int fromRow, int untilRow) {
    for (int row = fromRow; row < untilRow; row++) {
      for (int key = 0; key < KEYS; key++) {
        scores[row * KEYS + key] +=
            bias.slopes()[row] * (bias.keyPositions()[key] - bias.queryPositions()[row]);
      }
    }
  }

  @Override
  public void turnKeys(float[] keys, float[] phases, int pairs) {
    int half = pairs * KEYS;
    for (int at = 0; at < half; at++) {
      float low = keys[at];
      float high = keys[half + at];
      float cos = phases[at];
      float sin = phases[half + at];
      keys[at] = low * cos - high * sin;
      keys[half + at] = low * sin + high * cos;
    }
  }

  @Override
  public void read(PageLayout layout, MemorySegment page, int head, float[] target) {
    long base = head * layout.headBytes();
    switch (layout.type()) {
      case F32 -> MemorySegment.copy(page, FLOAT, base, target, 0, layout.elements());
      case BF16 -> {
        for (int at = 0; at < layout.elements(); at++) {
          int bits = page.get(SHORT, base + (long) at * Short.BYTES) << 16;
          target[at] = Float.intBitsToFloat(bits);
        }
      }
      case Q8_0 -> {
        for (int token = 0; token < KEYS; token++) {
          for (int channel = 0; channel < layout.size(); channel++) {
            int at = layout.element(token, channel);
            long scale = base + layout.scaleOffset(token, channel / layout.type().group());
            target[at] =
                Float.float16ToFloat(page.get(SHORT, scale))
                    * page.get(ValueLayout.JAVA_BYTE, base + at);
          }
        }
      }
    }
  }
}
