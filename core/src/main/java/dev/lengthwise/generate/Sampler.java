package dev.lengthwise.generate;

import dev.lengthwise.LengthwiseException;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Draws tokens from logits. The same seed and the same logits give the same tokens.
public final class Sampler {

  private final Sampling sampling;
  private final SplittableRandom random;

  /// A sampler that starts at the seed of `sampling`.
  public Sampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new SplittableRandom(sampling.seed());
  }

  /// Draws one token.
  ///
  /// @param logits one for each token of the vocabulary
  /// @throws LengthwiseException when a logit is no number
  public int next(float[] logits) {
    int greatest = greatest(logits);
    if (isGreedy()) {
      return greatest;
    }
    int[] ids = descending(logits);
    int kept = sampling.topK() == 0 ? ids.length : Math.min(sampling.topK(), ids.length);
    double[] weights = new double[kept]; // in proportion to probabilities, the first is 1
    for (int rank = 0; rank < kept; rank++) {
      weights[rank] = Math.exp(logits[ids[rank]] - (double) logits[greatest]);
    }
    kept = aboveMinimum(weights, nucleus(weights));
    return ids[draw(weights, kept)];
  }

  // A temperature whose inverse is beyond all numbers leaves nothing but the most likely token.
  private boolean isGreedy() {
    return sampling.temperature() == 0 || Double.isInfinite(1 / sampling.temperature());
  }

  /// The most likely token; the first of equals.
  ///
  /// @throws LengthwiseException when a logit is no number, or none is finite
  public static int greatest(float[] logits) {
    int greatest = 0;
    boolean numbers = true;
    for (int id = 0; id < logits.length; id++) {
      numbers &= !Float.isNaN(logits[id]);
      if (logits[id] > logits[greatest]) {
        greatest = id;
      }
    }
    if (!numbers || !Float.isFinite(logits[greatest])) {
      throw new LengthwiseException(
          "The model's logits are not numbers (NaN or infinite): its weights are damaged, or they "
              + "overflowed; check the file, or run with --dtype f32");
    }
    return greatest;
  }

  // Ids by falling logit, equals by rising id: sorted as whole numbers of the same order, since
  // this runs for every token and vocabularies are large.
  private static int[] descending(float[] logits) {
    long[] keys = new long[logits.length];
    for (int id = 0; id < keys.length; id++) {
      int bits = Float.floatToIntBits(logits[id] + 0f); // −0 becomes 0
      int ascending = bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
      keys[id] = (long) ~ascending << Integer.SIZE | id;
    }
    Arrays.sort(keys);
    int[] ids = new int[keys.length];
    for (int rank = 0; rank < ids.length; rank++) {
      ids[rank] = (int) keys[rank];
    }
    return ids;
  }

  // How many of the first weights reach the share top-p of all.
  private int nucleus(double[] weights) {
    if (sampling.topP() >= 1) {
      return weights.length;
    }
    double least = sampling.topP() * Arrays.stream(weights).sum();
    double sum = 0;
    int kept = 0;
    while (kept < weights.length && sum < least) {
      sum += weights[kept++];
    }
    return Math.max(1, kept);
  }

  private int aboveMinimum(double[] weights, int count) {
    double least = sampling.minP() * weights[0];
    int kept = count;
    while (kept > 1 && weights[kept - 1] < least) {
      kept--;
    }
    return kept;
  }

  private int draw(double[] weights, int count) {
    double[] heated = new double[count];
    double total = 0;
    for (int rank = 0; rank < count; rank++) {
      heated[rank] = Math.pow(weights[rank], 1 / sampling.temperature());
      total += heated[rank];
    }
    double left = random.nextDouble() * total;
    for (int rank = 0; rank < count; rank++) {
      left -= heated[rank];
      if (left < 0) {
        return rank;
      }
    }
    return count - 1;
  }
}
