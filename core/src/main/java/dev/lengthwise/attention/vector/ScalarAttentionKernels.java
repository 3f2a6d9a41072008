package dev.lengthwise.attention.vector;

import dev.lengthwise.cache.PageLayout;
import dev.lengthwise.cache.PageReader;
import dev.lengthwise.cache.PageWriter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The loops of the vector engine in plain Java: what they compute, for readers, for tests and for
/// machines without vectors.
final class ScalarAttentionKernels implements AttentionKernels {

  static final ScalarAttentionKernels INSTANCE = new ScalarAttentionKernels();

  // Below this a weight is no normal number, and counts as 0.
  private static final float SMALLEST_EXPONENT = -126;

  private ScalarAttentionKernels() {}

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
          product.result()[to + column] +=
              factor * product.right()[product.rightOffset(column) + k * STRIDE];
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
  public void cap(float cap, float[] scores, int fromRow, int untilRow) {
    for (int at = fromRow * KEYS; at < untilRow * KEYS; at++) {
      scores[at] = (float) (cap * Math.tanh((double) scores[at] / cap));
    }
  }

  @Override
  public void rotate(float[] vector, int at, float[] phases, int token, int pairs) {
    PageWriter.turn(vector, at, phases, token, pairs);
  }

  @Override
  public void rotateKeys(float[] keys, float[] phases, int pairs) {
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
    PageReader.read(layout, page, head, target);
  }

  @Override
  public void scoreRow(
      PageLayout layout, MemorySegment page, int head, float[] queries, int row, float[] scores) {
    long base = head * layout.headBytes();
    for (int key = 0; key < KEYS; key++) {
      float score = 0;
      for (int channel = 0; channel < layout.size(); channel++) {
        score +=
            queries[row * layout.size() + channel]
                * PageReader.element(layout, page, base, key, channel);
      }
      scores[row * KEYS + key] = score;
    }
  }

  @Override
  public void sumRow(
      PageLayout layout, MemorySegment page, int head, float[] weights, int row, float[] weighted) {
    long base = head * layout.headBytes();
    for (int key = 0; key < KEYS; key++) {
      for (int channel = 0; channel < layout.size(); channel++) {
        weighted[row * layout.width() + channel] +=
            weights[row * KEYS + key] * PageReader.element(layout, page, base, key, channel);
      }
    }
  }
}
