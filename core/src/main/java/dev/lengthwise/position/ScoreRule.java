package dev.lengthwise.position;

import java.util.Arrays;

/// What a model's layer itself says about its scores: it holds under every position method.
///
/// With `z = scale(i) · s(i) · ⟨ q, k ⟩ / √headSize` and the plan's own scale `s`, a score is
///
///     cap · tanh(z / cap) + β     (z + β without a cap)
///
/// and the weight of key `j` in head `h` is
///
///     w_ij = e^(score_ij) / ( Σ_j e^(score_ij) + e^(sink_h) )
///
/// Sources: the cap is that of Gemma 2 (arXiv 2408.00118), sinks are those of GPT-OSS (arXiv
/// 2508.10925).
///
/// @param scale factor on scores beside `1/√headSize` and beside the plan's own scale
/// @param cap where scores end, before bias and mask; 0 for nowhere
/// @param sinks one logit for each query head that joins the sum of the softmax and nothing else:
///     not scaled, not capped, without bias; empty for none
/// @param weighting how scores become weights
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, equal by value
public record ScoreRule(ScoreScale scale, double cap, double[] sinks, Weighting weighting) {

  /// The name of tensors that take the place of [#sinks] in training.
  public static final String SINKS = "sinks";

  /// A softmax of the scores as they are.
  public static final ScoreRule SOFTMAX = of(Weighting.SOFTMAX);

  /// Squared positive scores as they are.
  public static final ScoreRule SQUARED_RELU = of(Weighting.SQUARED_RELU);

  /// Checks the numbers and copies the sinks.
  public ScoreRule {
    if (!(cap >= 0) || !Double.isFinite(cap)) {
      throw new IllegalArgumentException(
          "a score cap must be finite and positive, or 0 for none; found " + cap);
    }
    if (sinks.length > 0 && weighting != Weighting.SOFTMAX) {
      throw new IllegalArgumentException("only a softmax can have sinks, not " + weighting);
    }
    for (double sink : sinks) {
      if (!Double.isFinite(sink)) {
        throw new IllegalArgumentException("an attention sink must be finite, found " + sink);
      }
    }
    sinks = sinks.clone();
  }

  private static ScoreRule of(Weighting weighting) {
    return new ScoreRule(ScoreScale.ONE, 0, new double[0], weighting);
  }

  /// A copy of all sinks.
  @Override
  public double[] sinks() {
    return sinks.clone();
  }

  /// Whether scores have a cap.
  public boolean hasCap() {
    return cap > 0;
  }

  /// Whether heads have sinks.
  public boolean hasSinks() {
    return sinks.length > 0;
  }

  /// The sink of a query head.
  public double sink(int head) {
    return sinks[head];
  }

  /// A score under the cap.
  public double capped(double score) {
    return hasCap() ? cap * Math.tanh(score / cap) : score;
  }

  /// Refuses a layer whose number of query heads is not that of the sinks.
  ///
  /// @throws IllegalArgumentException where there are sinks, and not as many as `heads`
  public void requireHeads(int heads) {
    if (hasSinks() && sinks.length != heads) {
      throw new IllegalArgumentException(
          "%d attention sinks for %d query heads".formatted(sinks.length, heads));
    }
  }

  /// This rule with the scale that it has at `query` for every query.
  ScoreRule scaledAsAt(long query) {
    return new ScoreRule(new ScoreScale.Constant(scale.at(query)), cap, sinks, weighting);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof ScoreRule rule
            && scale.equals(rule.scale)
            && cap == rule.cap
            && Arrays.equals(sinks, rule.sinks)
            && weighting == rule.weighting);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * scale.hashCode() + Double.hashCode(cap)) + Arrays.hashCode(sinks);
  }

  @Override
  public String toString() {
    return "ScoreRule[scale=%s, cap=%s, sinks=%s, weighting=%s]"
        .formatted(scale, cap, Arrays.toString(sinks), weighting);
  }
}
