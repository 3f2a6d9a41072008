package dev.lengthwise.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Nope;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreDecayTest {

  private static final int TOKENS = 100;
  private static final int PAIRS = 8;
  private static final ModelShape SHAPE = new ModelShape(1, 4, 2, 16, 16, 10_000, 32);
  private static final Offset<Double> CLOSE = Offset.offset(1e-9);

  private static List<ScoreDecay> decay(ModelShape shape, PositionMethod declared, String method) {
    PositionMethod chosen = new MethodParser(shape, declared).parse(method);
    PlanFunction plans = new PlanFunction(shape, declared, chosen);
    return ScoreDecay.of(plans.plan(0, TOKENS), shape.heads(), shape.headSize(), TOKENS);
  }

  private static List<ScoreDecay> decay(String method) {
    return decay(SHAPE, new Rope(), method);
  }

  // 1/pairs Σ cos(ρ θ_m), from the formula of RoFormer.
  private static double cosines(double position) {
    double sum = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
      sum += Math.cos(position * Math.pow(10_000, -pair / (double) PAIRS));
    }
    return sum / PAIRS;
  }

  private static void assertScores(List<ScoreDecay> all, DoubleUnaryOperator expected) {
    assertThat(all)
        .isNotEmpty()
        .allSatisfy(
            at -> assertThat(at.score()).isCloseTo(expected.applyAsDouble(at.distance()), CLOSE));
  }

  @Test
  void scoresAreTheSumOfCosinesAtThePlacesOfTheMethod() {
    assertThat(decay("rope")).hasSize(TOKENS).first().extracting(ScoreDecay::score).isEqualTo(1.0);
    assertScores(decay("rope"), ScoreDecayTest::cosines);
    assertScores(decay("linear:factor=4"), distance -> cosines(distance / 4));
    assertScores(decay("rerope:window=8"), distance -> cosines(Math.min(distance, 8)));
    assertThat(decay("window:window=8")).hasSize(8);
  }

  @Test
  void mapScaleAndBiasAreThoseOfThePlan() {
    assertScores(decay("attention-scale:factor=3"), distance -> 3 * cosines(distance));
    assertScores(decay(SHAPE, new Rope(), "coca:variant=strict"), ScoreDecayTest::cosines);
    // Published slopes of four heads are 1/4, 1/16, 1/64, 1/256; without rotation content is 1.
    ModelShape still = new ModelShape(1, 4, 2, 16, 0, 1, 32);
    double slope = (1 / 4.0 + 1 / 16.0 + 1 / 64.0 + 1 / 256.0) / 4;
    List<ScoreDecay> alibi = decay(still, new Nope(), "alibi");
    assertScores(alibi, distance -> 1 - slope * distance);
    assertThat(alibi).allSatisfy(at -> assertThat(at.bound()).isNaN());
  }

  /// RoFormer's figure shows `1/pairs Σ |S_m|`, which is `(pairs + 1)/2` at distance 0.
  @ParameterizedTest
  @ValueSource(
      strings = {"rope", "ntk:factor=4", "attention-scale:factor=3", "coca:variant=strict"})
  void boundHolds(String method) {
    List<ScoreDecay> all = decay(method);
    double scale = all.getFirst().score();
    assertThat(all.getFirst().bound()).isCloseTo(scale * (PAIRS + 1) / 2, CLOSE);
    assertThat(all)
        .allSatisfy(at -> assertThat(Math.abs(at.score())).isLessThanOrEqualTo(at.bound() + 1e-12));
  }

  @Test
  void boundIsThatOfTheComplexSums() {
    double real = 0;
    double imaginary = 0;
    double sums = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
      double angle = 17 * Math.pow(10_000, -pair / (double) PAIRS);
      real += Math.cos(angle);
      imaginary += Math.sin(angle);
      sums += Math.sqrt(real * real + imaginary * imaginary);
    }
    assertThat(decay("rope").get(17).bound()).isCloseTo(sums / PAIRS, CLOSE);
    double strict = decay("coca:variant=strict").get(17).bound();
    assertThat(strict).as("cosines alone sum to less").isLessThan(sums / PAIRS);
  }

  /// Abel: any products of pairs, whose greatest step to the next is that of the equal ones.
  @Test
  void boundHoldsForEveryContentOfTheSameEvenness() {
    SplittableRandom random = new SplittableRandom(5);
    for (ScoreDecay at : decay("rope")) {
      double[] products = random.doubles(PAIRS, -1, 1).toArray();
      double step = Math.abs(products[PAIRS - 1]);
      double sum = 0;
      for (int pair = 0; pair < PAIRS; pair++) {
        step = pair == 0 ? step : Math.max(step, Math.abs(products[pair] - products[pair - 1]));
        sum += products[pair] * Math.cos(at.distance() * Math.pow(10_000, -pair / (double) PAIRS));
      }
      assertThat(Math.abs(sum)).isLessThanOrEqualTo(at.bound() * PAIRS * step + 1e-9);
    }
  }

  /// With half of the channels turning, the others keep half of the score.
  @Test
  void channelsThatDoNotTurnKeepTheirScore() {
    List<ScoreDecay> all = decay(new ModelShape(1, 4, 2, 32, 16, 10_000, 32), new Rope(), "rope");
    assertScores(all, distance -> (cosines(distance) + 1) / 2);
    assertThat(all.getFirst().bound()).isCloseTo(((PAIRS + 1) / 2.0 + 1) / 2, CLOSE);
  }
}
