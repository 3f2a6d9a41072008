package dev.lengthwise.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LossCurveTest {

  @Test
  void thinningPreservesTheMeanWhereBucketsAreEqual() {
    LossCurve curve = noisy(4000);
    LossCurve thin = curve.thinned(500);
    assertThat(thin.size()).isEqualTo(500);
    assertThat(mean(thin.loss())).isCloseTo(mean(curve.loss()), within(1e-12));
    assertThat(mean(thin.positions())).isCloseTo(mean(curve.positions()), within(1e-9));
  }

  @Test
  void thinningUsesEveryPointOnceForAnyLength() {
    for (int points : new int[] {501, 997, 1000, 4095}) {
      LossCurve curve = noisy(points);
      double[] means = curve.thinned(500).loss();
      double total = 0;
      for (int bucket = 0; bucket < 500; bucket++) {
        int size = (bucket + 1) * points / 500 - bucket * points / 500;
        assertThat(size).isPositive();
        total += means[bucket] * size;
      }
      assertThat(total / points).isCloseTo(mean(curve.loss()), within(1e-12));
    }
  }

  @Test
  void shortCurvesStayAsTheyAre() {
    LossCurve curve = noisy(500);
    assertThat(curve.thinned(500)).isSameAs(curve);
  }

  @Test
  void smoothingAveragesTheNeighboursThatExist() {
    LossCurve curve = new LossCurve("x", new double[] {0, 1, 2, 3}, new double[] {1, 2, 6, 4});
    assertThat(curve.smoothed(3).loss()).containsExactly(1.5, 3, 4, 5);
    assertThat(curve.smoothed(1)).isEqualTo(curve);
  }

  @Test
  void laterChangesOfAnArrayDoNotReachTheCurve() {
    double[] loss = {1, 2};
    LossCurve curve = new LossCurve("x", new double[] {0, 1}, loss);
    loss[0] = 9;
    curve.loss()[1] = 9;
    assertThat(curve.loss()).containsExactly(1, 2);
  }

  @Test
  void rejectsNumbersThatCannotBeDrawn() {
    assertThatThrownBy(() -> new LossCurve("x", new double[] {0}, new double[] {Double.NaN}))
        .hasMessageContaining("not finite");
    assertThatThrownBy(() -> new LossCurve("x", new double[] {1, 1}, new double[] {1, 1}))
        .hasMessageContaining("ascend");
    assertThatThrownBy(() -> new LossCurve("x", new double[] {1}, new double[] {}))
        .hasMessageContaining("1 positions but 0 losses");
  }

  private static LossCurve noisy(int points) {
    Random random = new Random(points);
    double[] positions = IntStream.range(0, points).asDoubleStream().toArray();
    return new LossCurve("noisy", positions, random.doubles(points, 0, 10).toArray());
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
