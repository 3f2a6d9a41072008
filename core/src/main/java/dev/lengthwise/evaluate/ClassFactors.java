package dev.lengthwise.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.PowellOptimizer;

/// Thresholds of several classes that have probabilities: the class is `argmax_c p_c t_c`.
///
/// Powell's method looks for `x` in `t = (tanh x + 1) / 2`, from 0 on, where all factors are equal
/// and nothing is changed. What it finds is kept only where it is better, so that accuracy on the
/// pairs that it was chosen on is never lower than without factors.
///
/// Source: J. Su, kexue.fm 8860.
///
/// @param factors `t`, one for each class
/// @param accuracy share of pairs in their class, where they were chosen
public record ClassFactors(List<Double> factors, double accuracy) {

  private static final int EVALUATIONS = 20_000;
  private static final double TOLERANCE = 1e-6;

  /// Copies the list.
  public ClassFactors {
    factors = List.copyOf(factors);
  }

  /// Factors for some pairs.
  ///
  /// @param shares probabilities of the classes, `[pairs][classes]`
  /// @param classes of the pairs, from 0
  public static ClassFactors powell(double[][] shares, int[] classes) {
    int count = shares[0].length;
    double[] start = new double[count];
    ClassFactors equal = of(start, shares, classes);
    double[] found =
        new PowellOptimizer(TOLERANCE, TOLERANCE)
            .optimize(
                new MaxEval(EVALUATIONS),
                new ObjectiveFunction(point -> of(point, shares, classes).accuracy),
                GoalType.MAXIMIZE,
                new InitialGuess(start))
            .getPoint();
    ClassFactors better = of(found, shares, classes);
    return better.accuracy > equal.accuracy ? better : equal;
  }

  private static ClassFactors of(double[] point, double[][] shares, int[] classes) {
    List<Double> factors = Arrays.stream(point).mapToObj(x -> (Math.tanh(x) + 1) / 2).toList();
    ClassFactors own = new ClassFactors(factors, 0);
    return new ClassFactors(factors, own.applied(shares, classes));
  }

  /// The class of a pair; of equally great products the first.
  public int classOf(double[] shares) {
    int best = 0;
    for (int own = 1; own < shares.length; own++) {
      if (shares[own] * factors.get(own) > shares[best] * factors.get(best)) {
        best = own;
      }
    }
    return best;
  }

  /// The share of other pairs in their class.
  public double applied(double[][] shares, int[] classes) {
    long right =
        IntStream.range(0, shares.length)
            .filter(pair -> classOf(shares[pair]) == classes[pair])
            .count();
    return (double) right / shares.length;
  }
}
