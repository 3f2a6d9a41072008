package dev.lengthwise.diagnose;

import dev.lengthwise.model.QueryKeyBiases;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.ScoreBias;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

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

  /// The terms of a layer at every distance that its plan sees and its text has.
  ///
  /// @param plan the plan of the layer; a bias on scores is left out. With biases on queries or
  ///     keys these may not be mapped, which is not linear: `IllegalArgumentException`
  /// @param queries `[1, tokens, heads, headSize]`, with their bias, not rotated
  /// @param keys `[1, tokens, keyValueHeads, headSize]`, likewise
  public static List<ScoreTerms> of(
      int layer, AttentionPlan plan, Tensor queries, Tensor keys, QueryKeyBiases biases) {
    AttentionPlan unbiased =
        new AttentionPlan(plan.rotary(), plan.branches(), plan.scale(), ScoreBias.NONE, plan.map());
    boolean biased = biases.isBiased();
    if (biased && !plan.map().equals(QueryKeyMap.IDENTITY)) {
      throw new IllegalArgumentException("mapped queries and keys have no terms");
    }
    int tokens = (int) queries.size(1);
    double[][] terms = new double[4][tokens];
    long[] pairs = new long[tokens];
    try (PointerScope _ = new PointerScope()) {
      Tensor wideQueries = queries.to(ScalarType.Double);
      Tensor wideKeys = keys.to(ScalarType.Double);
      Tensor queryBias = likeEveryToken(biases.query(), wideQueries);
      Tensor keyBias = likeEveryToken(biases.key(), wideKeys);
      Tensor[] sides = {wideQueries.sub(queryBias), queryBias};
      Tensor[] others = {wideKeys.sub(keyBias), keyBias};
      for (int term = 0; term < (biased ? 4 : 1); term++) {
        Arrays.fill(pairs, 0);
        double[] sums = terms[term];
        ScoreRows.forEach(
            unbiased,
            sides[term % 2],
            others[term / 2],
            (_, query, scores) -> add(scores, query, sums, pairs));
      }
    }
    return means(layer, terms, pairs);
  }

  // [heads][size] → [1, tokens, heads, size]
  private static Tensor likeEveryToken(double[][] bias, Tensor vectors) {
    double[] joined = Arrays.stream(bias).flatMapToDouble(Arrays::stream).toArray();
    return Tensor.create(joined, 1, 1, bias.length, bias[0].length).expand_as(vectors);
  }

  private static void add(double[] scores, int query, double[] sums, long[] pairs) {
    for (int key = 0; key <= query; key++) {
      if (scores[key] != Double.NEGATIVE_INFINITY) {
        sums[query - key] += scores[key];
        pairs[query - key]++;
      }
    }
  }

  private static List<ScoreTerms> means(int layer, double[][] terms, long[] pairs) {
    List<ScoreTerms> all = new ArrayList<>();
    for (int at = 0; at < pairs.length; at++) {
      long count = pairs[at];
      if (count > 0) {
        all.add(
            new ScoreTerms(
                layer,
                at,
                terms[0][at] / count,
                terms[1][at] / count,
                terms[2][at] / count,
                terms[3][at] / count));
      }
    }
    return all;
  }
}
