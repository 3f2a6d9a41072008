package dev.lengthwise.experiment.study;

import java.util.SplittableRandom;

/// How much a softmax over `n` scores can learn: `g(α) = α · (1 − Σ p²)` of `p = softmax(α · s)`,
/// half the sum of the absolute derivatives of `p` by the scores.
///
/// Source: J. Su, kexue.fm 9812, for scores that are independent and normal.
final class SoftmaxGradient {

  private static final int BISECTIONS = 80;

  private SoftmaxGradient() {}

  /// The proxy of the source, which takes a ratio of means for the mean of a ratio:
  /// `α · (1 − exp(α²)/n)`. It may be negative.
  static double proxy(double alpha, int n) {
    return alpha * (1 - Math.exp(alpha * alpha) / n);
  }

  /// Where the proxy is greatest: the root of `(1 + 2α²) · exp(α²) = n`.
  static double proxyOptimum(int n) {
    double low = 0;
    double high = Math.sqrt(Math.log(n)) + 1;
    for (int step = 0; step < BISECTIONS; step++) {
      double middle = (low + high) / 2;
      double square = middle * middle;
      if ((1 + 2 * square) * Math.exp(square) < n) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// The mean of `g` itself over `draws` draws of `n` scores.
  static double monteCarlo(double alpha, int n, int draws, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double sum = 0;
    for (int draw = 0; draw < draws; draw++) {
      double total = 0;
      double squares = 0;
      for (int score = 0; score < n; score++) {
        double weight = Math.exp(alpha * random.nextGaussian());
        total += weight;
        squares += weight * weight;
      }
      sum += alpha * (1 - squares / (total * total));
    }
    return sum / draws;
  }
}
