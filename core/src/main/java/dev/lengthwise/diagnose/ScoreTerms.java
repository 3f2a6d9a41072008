package dev.lengthwise.diagnose;

import dev.lengthwise.attention.ReferenceAttention;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.ScoreBias;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/// The four terms of the scores of one layer at one distance, where queries and keys have biases
/// `a` and `b`:
///
///     (q + a)ᵀ R (k + b) = qᵀ R k + aᵀ R k + qᵀ R b + aᵀ R b
///
/// each with the scale of the plan and the mean over all heads and pairs. Source: J. Su, kexue.fm
/// 9577.
///
/// @param layer index of the layer
/// @param distance query index minus key index
/// @param content mean of `qᵀ R k`
/// @param queryBias mean of `aᵀ R k`
/// @param keyBias mean of `qᵀ R b`
/// @param bothBiases mean of `aᵀ R b`, which depends on nothing but the distance
public record ScoreTerms(
    int layer, int distance, double content, double queryBias, double keyBias, double bothBiases) {

  /// The mean score.
  public double total() {
    return content + queryBias + keyBias + bothBiases;
  }

  /// One head of a text.
  ///
  /// @param queries `[tokens][headSize]`, with their bias, not rotated
  /// @param keys `[tokens][headSize]` of the key head that this head reads, with their bias
  /// @param queryBias `a`, `[headSize]`
  /// @param keyBias `b`, `[headSize]`
  /// The arrays are read once and never kept.
  @SuppressWarnings("ArrayRecordComponent")
  public record Head(double[][] queries, double[][] keys, double[] queryBias, double[] keyBias) {

    /// Checks that there are as many queries as keys.
    public Head {
      if (queries.length != keys.length) {
        throw new IllegalArgumentException("a text has as many queries as keys");
      }
    }

    boolean isBiased() {
      return DoubleStream.concat(Arrays.stream(queryBias), Arrays.stream(keyBias))
          .anyMatch(value -> value != 0);
    }
  }

  /// The terms of a layer at every distance that its plan sees and its text has.
  ///
  /// @param plan the plan of the layer; a bias on scores is left out. With biases on queries
  ///     or keys these may not be mapped, which is not linear: `IllegalArgumentException`
  public static List<ScoreTerms> of(int layer, AttentionPlan plan, List<Head> heads) {
    AttentionPlan unbiased =
        new AttentionPlan(plan.rotary(), plan.branches(), plan.scale(), ScoreBias.NONE, plan.map());
    boolean biased = heads.stream().anyMatch(Head::isBiased);
    if (biased && !plan.map().equals(QueryKeyMap.IDENTITY)) {
      throw new IllegalArgumentException("mapped queries and keys have no terms");
    }
    int tokens = heads.isEmpty() ? 0 : heads.getFirst().queries().length;
    List<ScoreTerms> all = new ArrayList<>();
    for (int distance = 0; distance < tokens; distance++) {
      double[] sums = new double[biased ? 4 : 1];
      long pairs = 0;
      for (int index = 0; index < heads.size(); index++) {
        for (int query = distance; query < tokens; query++) {
          pairs += add(unbiased, index, heads.get(index), query, query - distance, sums) ? 1 : 0;
        }
      }
      if (pairs > 0) {
        all.add(mean(layer, distance, Arrays.copyOf(sums, 4), pairs));
      }
    }
    return all;
  }

  private static ScoreTerms mean(int layer, int distance, double[] sums, long pairs) {
    return new ScoreTerms(
        layer, distance, sums[0] / pairs, sums[1] / pairs, sums[2] / pairs, sums[3] / pairs);
  }

  // Adds the terms of one pair; false when the plan does not hold it.
  private static boolean add(
      AttentionPlan plan, int index, Head head, int query, int key, double[] sums) {
    double[] content = minus(head.queries()[query], head.queryBias());
    double[] keyContent = minus(head.keys()[key], head.keyBias());
    double[][] sides = {content, head.queryBias()};
    double[][] others = {keyContent, head.keyBias()};
    for (int term = 0; term < sums.length; term++) {
      @Nullable Double score =
          ReferenceAttention.score(plan, index, sides[term % 2], query, others[term / 2], key);
      if (score == null) {
        return false;
      }
      sums[term] += score;
    }
    return true;
  }

  private static double[] minus(double[] vector, double[] bias) {
    double[] difference = new double[vector.length];
    for (int channel = 0; channel < vector.length; channel++) {
      difference[channel] = vector[channel] - bias[channel];
    }
    return difference;
  }
}
