package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SamplerTest {

  // Probabilities 0.1, 0.4, 0.2, 0.3.
  private static final float[] LOGITS = logs(0.1, 0.4, 0.2, 0.3);

  private static float[] logs(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) Math.log(probabilities[id]);
    }
    return logits;
  }

  private static Set<Integer> drawn(Sampling sampling, float[] logits) {
    Sampler sampler = new Sampler(sampling);
    Set<Integer> ids = new TreeSet<>();
    for (int n = 0; n < 400; n++) {
      ids.add(sampler.next(logits));
    }
    return ids;
  }

  @Test
  void greedyTakesTheFirstOfEquals() {
    assertThat(new Sampler(Sampling.GREEDY).next(new float[] {1, 3, 3, -1})).isEqualTo(1);
  }

  @Test
  void aTemperatureWhoseInverseIsInfiniteIsGreedy() {
    for (double temperature : new double[] {1e-300, 1e-308, 1e-310, Double.MIN_VALUE}) {
      assertThat(drawn(new Sampling(temperature, 0, 1, 0, 1), LOGITS)).containsExactly(1);
    }
  }

  @Test
  void everyTokenCanComeWithoutFilters() {
    assertThat(drawn(new Sampling(1, 0, 1, 0, 1), LOGITS)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void frequenciesAreProbabilities() {
    Sampler sampler = new Sampler(new Sampling(1, 0, 1, 0, 5));
    int[] counts = new int[4];
    for (int n = 0; n < 10_000; n++) {
      counts[sampler.next(LOGITS)]++;
    }
    assertThat(counts[0]).isBetween(850, 1150);
    assertThat(counts[1]).isBetween(3800, 4200);
  }

  @Test
  void topKKeepsTheMostLikelyAndOfEqualsTheFirst() {
    assertThat(drawn(new Sampling(1, 2, 1, 0, 1), LOGITS)).containsExactly(1, 3);
    assertThat(drawn(new Sampling(1, 2, 1, 0, 1), new float[] {0, -0f, 0})).containsExactly(0, 1);
    assertThat(drawn(new Sampling(1, 9, 1, 0, 1), LOGITS)).hasSize(4);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertThat(drawn(new Sampling(1, 0, 0.39, 0, 1), LOGITS)).containsExactly(1);
    assertThat(drawn(new Sampling(1, 0, 0.41, 0, 1), LOGITS)).containsExactly(1, 3);
    assertThat(drawn(new Sampling(1, 0, 0.71, 0, 1), LOGITS)).containsExactly(1, 2, 3);
    assertThat(drawn(new Sampling(1, 0, 1e-9, 0, 1), LOGITS)).containsExactly(1);
  }

  @Test
  void topPCountsOnlyWhatTopKLeft() {
    // Of 0.4 and 0.3, the first is 0.57 of the sum.
    assertThat(drawn(new Sampling(1, 2, 0.55, 0, 1), LOGITS)).containsExactly(1);
  }

  @Test
  void minPIsAShareOfTheMostLikely() {
    assertThat(drawn(new Sampling(1, 0, 1, 0.45, 1), LOGITS)).containsExactly(1, 2, 3);
    assertThat(drawn(new Sampling(1, 0, 1, 1, 1), LOGITS)).containsExactly(1);
  }

  @Test
  void filtersDoNotSeeTheTemperature() {
    assertThat(drawn(new Sampling(50, 0, 0.41, 0, 1), LOGITS)).containsExactly(1, 3);
  }

  @Test
  void theSameSeedGivesTheSameTokens() {
    Sampler one = new Sampler(new Sampling(0.8, 0, 0.95, 0.05, 7));
    Sampler other = new Sampler(new Sampling(0.8, 0, 0.95, 0.05, 7));
    for (int n = 0; n < 50; n++) {
      assertThat(one.next(LOGITS)).isEqualTo(other.next(LOGITS));
    }
  }

  @Test
  void logitsOfForbiddenTokensMayBeMinusInfinity() {
    float[] logits = {Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY};
    assertThat(drawn(new Sampling(1, 0, 1, 0, 1), logits)).containsExactly(1);
  }

  @Test
  void logitsThatAreNoNumbersAreAnError() {
    Sampler sampler = new Sampler(new Sampling(1, 0, 1, 0, 1));
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> sampler.next(new float[] {0, bad, 1}))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("not numbers");
    }
  }
}
