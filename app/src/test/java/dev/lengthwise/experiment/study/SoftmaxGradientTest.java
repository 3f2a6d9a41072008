package dev.lengthwise.experiment.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoftmaxGradientTest {

  /// Closed form `√(W(n√e/2) − ½)`, computed for the project's method notes.
  @ParameterizedTest
  @CsvSource({
    "40,1.4342",
    "128,1.7109",
    "512,2.0084",
    "1024,2.1465",
    "2048,2.2787",
    "4096,2.4055",
    "8192,2.5274",
    "20000,2.6782"
  })
  void theProxyIsGreatestAtTheClosedForm(int keys, double expected) {
    assertThat(SoftmaxGradient.proxyOptimum(keys)).isCloseTo(expected, within(5e-5));
    double best = SoftmaxGradient.proxy(expected, keys);
    assertThat(SoftmaxGradient.proxy(expected - 0.01, keys)).isLessThan(best);
    assertThat(SoftmaxGradient.proxy(expected + 0.01, keys)).isLessThan(best);
  }

  /// 512 keys: means of 8,000 draws with NumPy's generator, and four times their standard error at
  /// 2,000 draws.
  @ParameterizedTest
  @CsvSource({"1,0.99475,0.0002", "2,1.9064,0.01", "3,2.4809,0.05", "4,2.7467,0.09"})
  void drawnMeansAreThoseOfASeparateComputation(double alpha, double expected, double error) {
    assertThat(SoftmaxGradient.monteCarlo(alpha, 512, 2000, 7)).isCloseTo(expected, within(error));
  }

  @Test
  void theSumOfDerivativesIsTwiceTheFormula() {
    SplittableRandom random = new SplittableRandom(3);
    double alpha = 1.7;
    double[] scores = random.doubles(6, -2, 2).toArray();
    double[] p = softmax(scores, alpha);
    double sum = 0;
    for (int key = 0; key < scores.length; key++) {
      double[] moved = scores.clone();
      moved[key] += 1e-6;
      double[] other = softmax(moved, alpha);
      for (int at = 0; at < p.length; at++) {
        sum += Math.abs(other[at] - p[at]) / 1e-6;
      }
    }
    double squares = Arrays.stream(p).map(value -> value * value).sum();
    assertThat(sum / 2).isCloseTo(alpha * (1 - squares), within(1e-5));
  }

  private static double[] softmax(double[] scores, double alpha) {
    double[] weights = Arrays.stream(scores).map(score -> Math.exp(alpha * score)).toArray();
    double total = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(weight -> weight / total).toArray();
  }
}
