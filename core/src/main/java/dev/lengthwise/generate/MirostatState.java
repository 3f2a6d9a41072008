package dev.lengthwise.generate;

import dev.lengthwise.generate.SamplingStep.Mirostat;

/// The bound of surprise of one text, see [Mirostat].
final class MirostatState {

  /// Tokens that version 1 estimates the slope from.
  private static final int MOST_LIKELY = 100;

  private static final double LOG2 = Math.log(2);

  private final Mirostat step;
  private double bound;

  MirostatState(Mirostat step) {
    this.step = step;
    this.bound = 2 * step.target();
  }

  /// Leaves out what is more surprising than the bound.
  ///
  /// @param vocabulary number of tokens of the model
  void apply(Candidates candidates, int vocabulary) {
    double[] shares = candidates.probabilities();
    candidates.keep(
        0, step.version() == 1 ? (int) expectedCount(shares, vocabulary) : belowBound(shares));
  }

  private int belowBound(double[] shares) {
    int kept = 1;
    while (kept < shares.length && surprise(shares[kept]) <= bound) {
      kept++;
    }
    return kept;
  }

  // Probabilities as rank^−s: s by least squares over the ratios of neighbours, then the number of
  // tokens whose expected surprise is the bound.
  private double expectedCount(double[] shares, int vocabulary) {
    double products = 0;
    double squares = 0;
    for (int rank = 0; rank < Math.min(MOST_LIKELY, shares.length) - 1; rank++) {
      double ratioOfRanks = Math.log((rank + 2.0) / (rank + 1.0));
      products += ratioOfRanks * Math.log(shares[rank] / shares[rank + 1]);
      squares += ratioOfRanks * ratioOfRanks;
    }
    double slope = products / squares;
    double excess = slope - 1;
    double count =
        Math.pow(excess * Math.pow(2, bound) / (1 - Math.pow(vocabulary, -excess)), 1 / slope);
    return Double.isFinite(count) ? Math.clamp(count, 1, shares.length) : shares.length;
  }

  /// Learns what was drawn.
  ///
  /// @param share its probability among the candidates
  void drawn(double share) {
    bound -= step.rate() * (surprise(share) - step.target());
  }

  private static double surprise(double share) {
    return -Math.log(share) / LOG2;
  }
}
