package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.MatchResult.Scored;
import dev.lengthwise.evaluate.Threshold.Measure;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatchResultTest {

  /// `scipy.stats.spearmanr` and `pearsonr` of the same numbers, with ties on both sides.
  @Test
  void correlationsAreThoseOfScipy() {
    double[] scores = {0.1, 0.4, 0.4, 0.9, 0.3, 0.7, 0.4, 0.2};
    double[] labels = {0, 1, 2, 5, 1, 3, 2, 2};
    MatchResult result =
        MatchResult.of(new Scored(scores, labels), new Scored(scores, labels), false);
    assertThat(result.spearman()).isCloseTo(0.8050473686826043, within(1e-12));
    assertThat(result.pearson()).isCloseTo(0.9068453126375146, within(1e-12));
    assertThat(result.accuracy()).isNull();
  }

  @Test
  void correlationsOfConstantScoresAreUndefinedAndSaidToBe() {
    Scored constant = new Scored(new double[] {0.5, 0.5, 0.5}, new double[] {0, 1, 1});
    MatchResult result = MatchResult.of(constant, constant, false);
    assertThat(result.spearman()).isNull();
    assertThat(result.pearson()).isNull();
    assertThat(result.undefined()).isEqualTo("Correlations are undefined: all 3 scores are equal.");
    assertThat(result.accuracy()).isCloseTo(2.0 / 3, within(1e-12));
  }

  /// Every cut below, between and above the scores.
  private static double bruteForce(double[] scores, boolean[] alike, Measure measure) {
    double best = 0;
    for (double cut : scores) {
      best = Math.max(best, new Threshold(cut, 0).applied(scores, alike, measure));
    }
    return Math.max(
        best, new Threshold(Double.NEGATIVE_INFINITY, 0).applied(scores, alike, measure));
  }

  @ParameterizedTest
  @EnumSource(Measure.class)
  void noCutIsBetterThanTheOneThatIsFound(Measure measure) {
    Random random = new Random(3);
    Map<ThresholdSearch, Integer> better = new EnumMap<>(ThresholdSearch.class);
    for (int trial = 0; trial < 200; trial++) {
      int pairs = 1 + random.nextInt(30);
      double[] scores = new double[pairs];
      boolean[] alike = new boolean[pairs];
      for (int pair = 0; pair < pairs; pair++) {
        scores[pair] = random.nextInt(12) / 12.0; // equal ones among them
        alike[pair] = random.nextDouble() < 0.2 + 0.6 * scores[pair];
      }
      Threshold best = Threshold.best(scores, alike, measure);
      assertThat(best.value()).isEqualTo(best.applied(scores, alike, measure));
      assertThat(best.value()).isCloseTo(bruteForce(scores, alike, measure), within(1e-12));
      for (ThresholdSearch search : ThresholdSearch.values()) {
        Threshold compared = search.search(scores, alike, measure);
        assertThat(compared.value()).isEqualTo(compared.applied(scores, alike, measure));
        assertThat(best.value()).isGreaterThanOrEqualTo(compared.value() - 1e-12);
        better.merge(search, best.value() > compared.value() + 1e-12 ? 1 : 0, Integer::sum);
      }
    }
    assertThat(better.values()).as("trials that each search gets wrong").allMatch(n -> n > 0);
  }

  @Test
  void factorsOfClassesAreNeverWorseThanNone() {
    Random random = new Random(8);
    int helped = 0;
    for (int trial = 0; trial < 30; trial++) {
      double[][] shares = new double[40][3];
      int[] classes = new int[40];
      for (int pair = 0; pair < 40; pair++) {
        classes[pair] = random.nextInt(3);
        double sum = 0;
        for (int own = 0; own < 3; own++) {
          // The last class is always rated too low.
          shares[pair][own] =
              (own == classes[pair] ? 1 : 0.5) * random.nextDouble() * (own == 2 ? 0.4 : 1);
          sum += shares[pair][own];
        }
        for (int own = 0; own < 3; own++) {
          shares[pair][own] /= sum;
        }
      }
      ClassFactors found = ClassFactors.powell(shares, classes);
      double plain = new ClassFactors(List.of(0.5, 0.5, 0.5), 0).applied(shares, classes);
      assertThat(found.accuracy()).isGreaterThanOrEqualTo(plain);
      assertThat(found.accuracy()).isEqualTo(found.applied(shares, classes));
      helped += found.accuracy() > plain ? 1 : 0;
    }
    assertThat(helped).isGreaterThan(10);
  }

  @Test
  void thresholdsOfValidationHoldOnTheTest() {
    Scored validation = new Scored(new double[] {0.1, 0.2, 0.6, 0.8}, new double[] {0, 0, 1, 1});
    Scored test = new Scored(new double[] {0.3, 0.5, 0.35, 0.9}, new double[] {0, 0, 1, 1});
    MatchResult result = MatchResult.of(validation, test, false);
    assertThat(result.accuracyCuts()).containsExactly(0.4);
    assertThat(result.accuracy()).isEqualTo(0.5);
    assertThat(result.f1()).isEqualTo(0.5);
  }

  @Test
  void cutsOfClassesAreTheBestOfAll() {
    Random random = new Random(5);
    for (int trial = 0; trial < 60; trial++) {
      int pairs = 3 + random.nextInt(9);
      double[] scores = new double[pairs];
      int[] classes = new int[pairs];
      for (int pair = 0; pair < pairs; pair++) {
        scores[pair] = random.nextInt(8) / 8.0;
        classes[pair] = random.nextInt(3);
      }
      ClassCuts best = ClassCuts.best(scores, classes, 3);
      assertThat(best.cuts()).hasSize(2).isSorted();
      assertThat(best.applied(scores, classes)).isCloseTo(best.accuracy(), within(1e-12));
      double most = 0;
      for (int low = -1; low < 8; low++) {
        for (int high = low; high < 8; high++) {
          ClassCuts other = new ClassCuts(List.of(low / 8.0, high / 8.0), 0);
          most = Math.max(most, other.applied(scores, classes));
        }
      }
      assertThat(best.accuracy()).isCloseTo(most, within(1e-12));
    }
  }

  // A table of as many classes as the greatest label says would not fit into memory.
  @Test
  void aHugeLabelIsNoClass() {
    Scored huge = new Scored(new double[] {0.1, 0.2}, new double[] {0, 99_999_999_999.0});
    assertThatThrownBy(() -> MatchResult.of(huge, huge, true))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("whole numbers from 0 to 99");
  }

  @Test
  void degreesAreNoClasses() {
    Scored graded = new Scored(new double[] {0.1, 0.2}, new double[] {0.5, 2});
    assertThatThrownBy(() -> MatchResult.of(graded, graded, true))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("validation", "no classes", "--classes");
  }
}
