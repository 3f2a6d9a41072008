package dev.lengthwise.position;

import java.util.Arrays;

/// The number `β_h` that is added to a score after scaling, a function of the head, of the relative
/// position `ρ = φ(i) − ψ(j)` that the branch gives to the pair, and for [FireBias] alone of the
/// query as well.
///
/// Because the bias sees `ρ` and not `i − j`, a branch that limits distances limits the bias with
/// it: LM-Infinite on an ALiBi model has the bias `−m_h · min(i − j, L)` without a rule of its own
/// (docs/decisions/0003).
public sealed interface ScoreBias permits ScoreBias.None, ScoreBias.Linear, DistanceBias, FireBias {

  /// No bias.
  ScoreBias NONE = new None();

  /// `β` of `head` at relative position `relative`.
  ///
  /// @param query index of the query in the text
  double at(int head, long query, double relative);

  /// No bias.
  record None() implements ScoreBias {

    @Override
    public double at(int head, long query, double relative) {
      return 0;
    }
  }

  /// ALiBi: `−slope_h · ρ`. Source: Press et al. 2021, "Train Short, Test Long".
  final class Linear implements ScoreBias {

    private final double[] slopes;

    /// A bias with one slope for each query head.
    public Linear(double[] slopes) {
      this.slopes = slopes.clone();
    }

    /// Slopes `factor · 2^(−max·h/H)`, `h = 1 … H`, for a power of two; otherwise those of the next
    /// lower power of two, followed by every second one of the next higher.
    ///
    /// MPT's code takes the even ones of the next higher power of two first, then the odd ones:
    /// those are the same slopes, in the same order.
    ///
    /// @param max `alibi_bias_max`: 8 in the paper, 16 in MPT-7B-StoryWriter
    /// @param factor on every slope: `1/√headSize` in the first Falcon models, which scale the bias
    ///     with the scores
    public static Linear geometric(int heads, double max, double factor) {
      int lower = Integer.highestOneBit(heads);
      double[] slopes = new double[heads];
      for (int head = 0; head < heads; head++) {
        double exponent =
            head < lower ? (head + 1.0) / lower : (2 * (head - lower) + 1.0) / (2 * lower);
        slopes[head] = factor * Math.pow(2, -max * exponent);
      }
      return new Linear(slopes);
    }

    /// The slope of `head`.
    public double slope(int head) {
      return slopes[head];
    }

    /// Number of heads.
    public int heads() {
      return slopes.length;
    }

    @Override
    public double at(int head, long query, double relative) {
      return -slopes[head] * relative;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Linear linear && Arrays.equals(slopes, linear.slopes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(slopes);
    }

    @Override
    public String toString() {
      return "Linear" + Arrays.toString(slopes);
    }
  }
}
