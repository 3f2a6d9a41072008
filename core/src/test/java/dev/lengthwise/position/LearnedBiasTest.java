package dev.lengthwise.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.attention.reference.ReferenceAttention;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The biases of models that are trained with one: published values and invariants.
class LearnedBiasTest {

  private static final BucketRule T5 = new BucketRule(32, 128);

  /// Distances and buckets that `_relative_position_bucket` of Hugging Face's T5 gives for a
  /// decoder.
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1,1",
    "15,15",
    "16,16",
    "18,16",
    "19,17",
    "24,19",
    "31,21",
    "32,21",
    "48,24",
    "64,26",
    "96,29",
    "112,30",
    "113,31",
    "128,31",
    "129,31",
    "1000000,31"
  })
  void bucketsAreThoseOfT5(double distance, int bucket) {
    assertThat(T5.bucket(distance)).isEqualTo(bucket);
  }

  @Test
  void bucketsNeverFallAndUseEveryRow() {
    for (BucketRule rule :
        List.of(T5, new BucketRule(2, 2), new BucketRule(6, 40), new BucketRule(16, 128))) {
      int[] buckets = IntStream.range(0, 2 * (int) rule.distance()).map(rule::bucket).toArray();
      assertThat(buckets).isSorted();
      assertThat(Arrays.stream(buckets).distinct().max()).hasValue(rule.buckets() - 1);
      assertThat(rule.bucket((double) rule.firstOfLast())).isEqualTo(rule.buckets() - 1);
      assertThat(rule.bucket(rule.firstOfLast() - 1.0)).isLessThan(rule.buckets() - 1);
    }
    assertThat(new BucketRule(16, 128).bucket(16)).as("ln 2 / ln 16 · 8 is 2").isEqualTo(10);
  }

  @Test
  void placesBetweenWholeNumbersBelongToTheLowerOne() {
    assertThat(T5.bucket(3.99)).isEqualTo(3);
    assertThat(T5.bucket(10 / 3.0 + 2 / 3.0)).isEqualTo(4);
    assertThat(T5.bucket(112.7)).isEqualTo(30);
    assertThat(T5.bucket(-2)).isZero();
  }

  @Test
  void tablesAreConstantBeyondTheirDistance() {
    List<Double> numbers = IntStream.range(0, 64).mapToObj(n -> n * 0.5).toList();
    DistanceBias table = new DistanceBias.Table(T5, 2, numbers);
    assertThat(table.at(1, 7)).isEqualTo(2 * 0.5 * 15);
    assertThat(table.at(0, 113)).isEqualTo(table.at(0, 1e6)).isEqualTo(2 * 0.5 * 62);
  }

  @Test
  void kerpleFollowsItsFormulasAndNeverRises() {
    List<DistanceBias> biases =
        List.of(
            new DistanceBias.KerpleLog(List.of(1.5, 0.01), List.of(0.5, 2.0)),
            new DistanceBias.KerplePower(List.of(1.5, 0.01), List.of(0.5, 2.0)));
    assertThat(biases.get(0).at(0, 6)).isCloseTo(-1.5 * Math.log(4), within(1e-15));
    assertThat(biases.get(1).at(0, 16)).isCloseTo(-6, within(1e-15));
    assertThat(biases.get(1).at(1, 3)).isCloseTo(-0.09, within(1e-15));
    for (DistanceBias bias : biases) {
      for (int head = 0; head < 2; head++) {
        assertThat(bias.at(head, 0)).isZero();
        for (int distance = 1; distance < 2000; distance++) {
          assertThat(bias.at(head, distance)).isLessThan(bias.at(head, distance - 1));
        }
      }
    }
  }

  @Test
  void powerOfExponentOneIsAlibi() {
    ScoreBias.Linear alibi = ScoreBias.Linear.geometric(4, 8, 1);
    List<Double> slopes = IntStream.range(0, 4).mapToObj(alibi::slope).toList();
    DistanceBias power = new DistanceBias.KerplePower(slopes, Collections.nCopies(4, 1.0));
    for (int distance = 0; distance < 300; distance++) {
      assertThat(power.at(3, distance)).isEqualTo(alibi.at(3, 400, distance));
    }
  }

  /// Sums of 64 cosines, computed in double by a program of a few lines.
  @ParameterizedTest
  @CsvSource({
    "0,64",
    "1,62.5534",
    "2,58.7980",
    "16,41.6593",
    "64,31.1282",
    "256,21.5643",
    "512,16.0387",
    "1024,13.0917",
    "4096,-3.2693"
  })
  void sandwichHasTheSumsOfItsWaves(double distance, double sum) {
    DistanceBias sandwich = new DistanceBias.Sandwich(8, 128);
    assertThat(sandwich.at(0, distance)).isCloseTo(sum - 64, within(5e-5));
    assertThat(sandwich.at(7, distance)).isCloseTo((sum - 64) / 8, within(5e-5));
  }

  /// `[q, √λ p_i] · [k, √λ p_j]` is `q · k + λ p_iᵀ p_j`.
  @Test
  void sandwichIsTheProductOfConcatenatedPositions() {
    DistanceBias.Sandwich sandwich = new DistanceBias.Sandwich(2, 12);
    AttentionPlan plan =
        new AttentionPlan(
            RotaryTable.NONE,
            List.of(Branch.PLAIN),
            ScoreScale.ONE,
            sandwich,
            QueryKeyMap.IDENTITY);
    Random random = new Random(4);
    double[] query = random.doubles(9).toArray();
    double[] key = random.doubles(9).toArray();
    for (long i = 0; i < 70; i += 3) {
      for (long j = 0; j <= i; j++) {
        double lambda = 3 / sandwich.compression(1); // scores divide by √9
        double product =
            dot(joined(query, i, lambda, sandwich), joined(key, j, lambda, sandwich)) / 3;
        double score = Objects.requireNonNull(ReferenceAttention.score(plan, 1, query, i, key, j));
        assertThat(score).isCloseTo(product - 6 / sandwich.compression(1), within(1e-12));
      }
    }
  }

  private static double[] joined(
      double[] vector, long place, double lambda, DistanceBias.Sandwich sandwich) {
    double[] joined = Arrays.copyOf(vector, vector.length + 2 * sandwich.waves());
    for (int wave = 0; wave < sandwich.waves(); wave++) {
      double phase = place * sandwich.frequency(wave + 1);
      joined[vector.length + 2 * wave] = Math.sqrt(lambda) * Math.sin(phase);
      joined[vector.length + 2 * wave + 1] = Math.sqrt(lambda) * Math.cos(phase);
    }
    return joined;
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(n -> a[n] * b[n]).sum();
  }

  private static FireBias fire(double scale, double multiplier) {
    return new FireBias(
        new FireBias.Layer(List.of(1.0, -2.0), List.of(0.0, 1.0)),
        new FireBias.Layer(List.of(3.0, 5.0, -1.0, 0.5), List.of(0.25, -0.5)),
        scale,
        multiplier,
        512);
  }

  @Test
  void fireIsItsNetworkOfARatio() {
    FireBias fire = fire(-0.1, -1);
    double ratio = Math.log(1 + 3.0) / (Math.log(1 + 51.2) + 1e-6);
    assertThat(fire.argument(100, 30)).isCloseTo(ratio, within(1e-15));
    assertThat(fire.at(0, 100, 30))
        .isCloseTo(3 * ratio + 5 * Math.max(0, 1 - 2 * ratio) + 0.25, within(1e-12));
    assertThat(fire.at(1, 100, 0)).isCloseTo(0.5 - 0.5, within(1e-12));
    double far = Math.log(1 + 3.0) / (Math.log(1 + 100.0) + 1e-6);
    assertThat(fire.argument(1000, 30)).isCloseTo(far, within(1e-15));
  }

  @Test
  void argumentOfFireLiesBetweenZeroAndOne() {
    for (FireBias fire : List.of(fire(0.1, 1), fire(4, 0.01), fire(-0.02, -3))) {
      for (long query = 0; query < 1 << 20; query = 2 * query + 1) {
        for (long distance = 0; distance <= query; distance = 3 * distance + 1) {
          assertThat(fire.argument(query, (double) distance)).isBetween(0.0, 1.0);
        }
      }
    }
  }

  @Test
  void firstValuesFollowTheirRuleAndTheSeedAlone() {
    LearnedParameter weight =
        LearnedParameter.vector(
            "r",
            1000,
            new LearnedParameter.Start.Uniform(0, 2),
            new LearnedParameter.Range(0.01, 1.5));
    assertThat(weight.initial(3)).isEqualTo(weight.initial(3)).isNotEqualTo(weight.initial(4));
    assertThat(weight.initial(3)).contains(0.01, 1.5);
    assertThat(Arrays.stream(weight.initial(3)).average().orElseThrow()).isBetween(0.85, 1.0);
    double[] normal =
        LearnedParameter.matrix("n", 100, 100, new LearnedParameter.Start.Normal(0.5)).initial(1);
    double square = Arrays.stream(normal).map(x -> x * x).average().orElseThrow();
    assertThat(Math.sqrt(square)).isCloseTo(0.5, within(0.01));
    assertThat(
            LearnedParameter.matrix("c", 2, 3, new LearnedParameter.Start.Constant(7)).initial(1))
        .containsOnly(7)
        .hasSize(6);
  }

  @Test
  void refusesNumbersThatDoNotFit() {
    assertThatIllegalArgumentException().isThrownBy(() -> new BucketRule(3, 128));
    assertThatIllegalArgumentException().isThrownBy(() -> new BucketRule(8, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DistanceBias.Table(T5, 1, Collections.nCopies(33, 1.0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DistanceBias.KerpleLog(List.of(1.0), List.of(1.0, 2.0)));
    assertThatIllegalArgumentException().isThrownBy(() -> new DistanceBias.Sandwich(2, 5));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new FireBias(
                    new FireBias.Layer(List.of(1.0), List.of(1.0)),
                    new FireBias.Layer(List.of(1.0, 2.0), List.of(1.0)),
                    1,
                    1,
                    1));
  }
}
