package dev.lengthwise.evaluate;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.PowellOptimizer;

/// Searches for a cut that others use, as comparisons: none is better than [Threshold#best], which
/// looks at every cut. Accuracy and F1 are steps with several peaks, so these may stop at a lower
/// one.
public enum ThresholdSearch {
  /// Halving as if the measure had one peak: of three parts the one beside the worse third is left
  /// out. Source: J. Su, kexue.fm 8860, whose comparison it is.
  BISECTION,
  /// Powell's method, begun half way between the mean scores of both classes. Source: the same, and
  /// Hipparchus for the method.
  POWELL;

  private static final int ROUNDS = 50;
  private static final int EVALUATIONS = 10_000;
  private static final double TOLERANCE = 1e-9;

  /// The cut that is found, and what the measure is there.
  ///
  /// @param alike whether the texts of a pair are
  public Threshold search(double[] scores, boolean[] alike, Threshold.Measure measure) {
    return switch (this) {
      case BISECTION -> bisection(scores, alike, measure);
      case POWELL -> powell(scores, alike, measure);
    };
  }

  private static Threshold at(
      double cut, double[] scores, boolean[] alike, Threshold.Measure measure) {
    return new Threshold(cut, new Threshold(cut, 0).applied(scores, alike, measure));
  }

  private static Threshold bisection(double[] scores, boolean[] alike, Threshold.Measure measure) {
    double low = Arrays.stream(scores).min().orElseThrow();
    double high = Arrays.stream(scores).max().orElseThrow();
    for (int round = 0; round < ROUNDS; round++) {
      double third = (high - low) / 3;
      double lower = at(low + third, scores, alike, measure).value();
      double upper = at(high - third, scores, alike, measure).value();
      if (lower < upper) {
        low += third;
      } else {
        high -= third;
      }
    }
    return at((low + high) / 2, scores, alike, measure);
  }

  private static Threshold powell(double[] scores, boolean[] alike, Threshold.Measure measure) {
    double start = (mean(scores, alike, true) + mean(scores, alike, false)) / 2;
    double cut =
        new PowellOptimizer(TOLERANCE, TOLERANCE)
            .optimize(
                new MaxEval(EVALUATIONS),
                new ObjectiveFunction(point -> at(point[0], scores, alike, measure).value()),
                GoalType.MAXIMIZE,
                new InitialGuess(new double[] {start}))
            .getPoint()[0];
    return at(cut, scores, alike, measure);
  }

  // Of all scores, where no pair is of the class.
  private static double mean(double[] scores, boolean[] alike, boolean wanted) {
    return IntStream.range(0, scores.length)
        .filter(pair -> alike[pair] == wanted)
        .mapToDouble(pair -> scores[pair])
        .average()
        .orElseGet(() -> Arrays.stream(scores).average().orElseThrow());
  }
}
