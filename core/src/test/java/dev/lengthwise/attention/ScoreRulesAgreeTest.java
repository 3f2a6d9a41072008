package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreRule;
import dev.lengthwise.position.ScoreScale;
import dev.lengthwise.position.Weighting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What a layer itself says of its scores: scale, cap and sinks, in every engine and under every
/// kind of mask.
class ScoreRulesAgreeTest {

  private static final int[] LENGTHS = {1, 2, 3, 19, 20, 21, 63, 64, 65, 127};
  private static final List<Branch> PLAIN = List.of(Branch.PLAIN);
  private static final List<Branch> WINDOW =
      List.of(Branch.identity(Region.within(Bounds.below(20))));
  private static final List<Branch> LAMBDA =
      List.of(
          Branch.identity(Region.within(Bounds.below(20))),
          new Branch(Region.firstKeys(5, 20), new PositionMap.Fixed(20), new PositionMap.Fixed(0)));

  private static ScoreRule rule(ScoreScale scale, double cap, double... sinks) {
    return new ScoreRule(scale, cap, sinks, Weighting.SOFTMAX);
  }

  static Stream<ScoreRule> rules() {
    return Stream.of(
        rule(new ScoreScale.Constant(0.6), 0),
        rule(new ScoreScale.LogLength(8, 1), 0),
        rule(new ScoreScale.LengthSteps(0.7, 0.8, 1, 16), 0),
        rule(ScoreScale.ONE, 0.7),
        rule(ScoreScale.ONE, 50),
        rule(ScoreScale.ONE, 0, 1.5, -2, 0.25, 3),
        rule(ScoreScale.ONE, 0, 400, -400, 90, 5000),
        rule(new ScoreScale.LogLength(8, 1), 2, 0.5, 1, -1, 2));
  }

  private static AttentionPlan plan(List<Branch> branches, ScoreRule rule, ScoreBias bias) {
    AttentionPlan plan =
        new AttentionPlan(
            RotaryTable.geometric(100, 6),
            branches,
            new ScoreScale.Constant(1.3),
            bias,
            QueryKeyMap.IDENTITY);
    return plan.with(rule);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyEngineEqualsReference(ScoreRule rule) {
    try (Workers workers = new Workers(2)) {
      for (int length : LENGTHS) {
        for (List<Branch> branches : List.of(PLAIN, WINDOW, LAMBDA)) {
          ScoreBias bias = length % 2 == 0 ? ScoreBias.NONE : ScoreBias.Linear.geometric(4, 8, 1);
          AttentionPlan plan = plan(branches, rule, bias);
          int keyValueHeads = 1 << length % 3;
          assertAgree(new VectorAttention(workers), plan, keyValueHeads, length);
          assertAgree(new TorchAttention(), plan, keyValueHeads, length);
        }
      }
    }
  }

  private static void assertAgree(
      Attention engine, AttentionPlan plan, int keyValueHeads, int length) {
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(length);
      QueryRows queries = new QueryRows(torch.randn(2, length, 4, 8), 0);
      KeyValueRows keyValues =
          KeyValueRows.fromStart(
              torch.randn(2, length, keyValueHeads, 8), torch.randn(2, length, keyValueHeads, 8));
      Tensor expected = new ReferenceAttention().attend(plan, queries, keyValues);
      Tensor found = engine.attend(plan, queries, keyValues);
      assertThat(found.sub(expected).abs().max().item_double())
          .as("%s of %d tokens, %d key heads, %s", plan, length, keyValueHeads, engine)
          .isLessThan(4e-6);
    }
  }

  /// Decoding of a long text shares keys out in parts of 512, which must not count a sink each.
  @ParameterizedTest
  @EnumSource
  void decodingInPartsCountsASinkOnce(CacheType type) {
    AttentionPlan plan =
        plan(PLAIN, rule(ScoreScale.ONE, 3, 4, 9, -1, 60), ScoreBias.Linear.geometric(4, 8, 1));
    KeyValueShape shape = new KeyValueShape(2, 8, type);
    try (Workers workers = new Workers(2);
        PointerScope _ = new PointerScope()) {
      Attention vector = new VectorAttention(workers);
      Attention reference = new ReferenceAttention();
      try (KeyValueStore rotated = vector.newStore(plan, shape);
          KeyValueStore raw = reference.newStore(null, shape)) {
        torch.manual_seed(1);
        Tensor keys = torch.randn(1500, 2, 8);
        Tensor values = torch.randn(1500, 2, 8);
        rotated.append(keys, values);
        raw.append(keys, values);
        QueryRows last = new QueryRows(torch.randn(1, 1, 4, 8), 1499);
        Tensor found = vector.attend(plan, last, rotated);
        Tensor expected = reference.attend(plan, last, raw);
        double tolerance = // keys are rounded before they turn in one, after it in the other
            switch (type) {
              case F32 -> 2e-6;
              case BF16 -> 5e-3;
              case Q8_0 -> 2e-2;
            };
        assertThat(found.sub(expected).abs().max().item_double()).isLessThan(tolerance);
        assertThat(expected.abs().max().item_double()).isGreaterThan(4 * tolerance);
      }
    }
  }

  /// Scores are q·k/√4: ln 3 and 0; so weights are 3 and 1 of 3 + 1 + e^(ln 4) = 8.
  @Test
  void aSinkTakesItsShareOfTheWeights() {
    AttentionPlan plan =
        AttentionPlan.plain(RotaryTable.NONE).with(rule(ScoreScale.ONE, 0, Math.log(4)));
    assertOutput(plan, 2 * Math.log(3), (3 * 8 + 16) / 8.0);
  }

  /// Scores are 2·tanh(1) and 0.
  @Test
  void aCapBendsScores() {
    AttentionPlan plan = AttentionPlan.plain(RotaryTable.NONE).with(rule(ScoreScale.ONE, 2));
    double weight = Math.exp(2 * Math.tanh(1));
    assertOutput(plan, 4, (weight * 8 + 16) / (weight + 1));
  }

  // One query of one head, two keys, of which it meets the first; values 8 and 16.
  private static void assertOutput(AttentionPlan plan, double product, double expected) {
    try (PointerScope _ = new PointerScope();
        Workers workers = new Workers(1)) {
      Tensor query = Tensor.create(new float[] {(float) product, 0, 0, 0}, 1, 1, 1, 4);
      Tensor keys = Tensor.create(new float[] {1, 0, 0, 0, 0, 1, 0, 0}, 1, 2, 1, 4);
      Tensor values = Tensor.create(new float[] {8, 8, 8, 8, 16, 16, 16, 16}, 1, 2, 1, 4);
      for (Attention engine :
          List.of(new ReferenceAttention(), new TorchAttention(), new VectorAttention(workers))) {
        Tensor found =
            engine.attend(plan, new QueryRows(query, 1), KeyValueRows.fromStart(keys, values));
        assertThat(found.select(3, 0).item_double()).isCloseTo(expected, Offset.offset(1e-5));
      }
    }
  }

  @Test
  void gradientsOfSinksAndCappedScoresAreThoseOfDifferences() {
    double[] sinks = {0.5, -1, 2, 0};
    AttentionPlan plan = plan(LAMBDA, rule(ScoreScale.ONE, 1.5, sinks), ScoreBias.NONE);
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(5);
      Tensor queries = doubles(2, 33, 4, 8).set_requires_grad(true);
      KeyValueRows keyValues = KeyValueRows.fromStart(doubles(2, 33, 2, 8), doubles(2, 33, 2, 8));
      Tensor direction = doubles(2, 33, 4, 8);
      Tensor trained = Tensor.create(sinks, sinks.length).set_requires_grad(true);
      new TorchAttention()
          .attend(plan, new QueryRows(queries, 0), keyValues, Map.of(ScoreRule.SINKS, trained))
          .mul(direction)
          .sum()
          .backward();
      double step = 1e-6;
      for (int head = 0; head < sinks.length; head++) {
        double[] more = sinks.clone();
        more[head] += step;
        double[] less = sinks.clone();
        less[head] -= step;
        double difference =
            (loss(plan, more, queries, keyValues, direction)
                    - loss(plan, less, queries, keyValues, direction))
                / (2 * step);
        assertThat(trained.grad().select(0, head).item_double())
            .isCloseTo(difference, Offset.offset(1e-6));
        assertThat(Math.abs(difference)).isGreaterThan(1e-3);
      }
      Tensor moved = doubles(2, 33, 4, 8);
      Tensor more = queries.detach().add(moved, new Scalar(step));
      Tensor less = queries.detach().sub(moved, new Scalar(step));
      double difference =
          (loss(plan, sinks, more, keyValues, direction)
                  - loss(plan, sinks, less, keyValues, direction))
              / (2 * step);
      assertThat(queries.grad().mul(moved).sum().item_double())
          .isCloseTo(difference, Offset.offset(1e-6));
    }
  }

  // By the specification.
  private static double loss(
      AttentionPlan plan, double[] sinks, Tensor queries, KeyValueRows rows, Tensor direction) {
    ScoreRule rule = plan.rule();
    ScoreRule other = new ScoreRule(rule.scale(), rule.cap(), sinks, rule.weighting());
    return new ReferenceAttention()
        .attend(plan.with(other), new QueryRows(queries, 0), rows)
        .mul(direction)
        .sum()
        .item_double();
  }

  private static Tensor doubles(long... shape) {
    return torch.randn(shape).to(ScalarType.Double);
  }

  @Test
  void sinksOfOtherHeadsAreRefused() {
    AttentionPlan plan = AttentionPlan.plain(RotaryTable.NONE).with(rule(ScoreScale.ONE, 0, 1, 2));
    try (PointerScope _ = new PointerScope();
        Workers workers = new Workers(1)) {
      Tensor rows = torch.randn(1, 3, 4, 8);
      for (Attention engine :
          List.of(new ReferenceAttention(), new TorchAttention(), new VectorAttention(workers))) {
        assertThatIllegalArgumentException()
            .isThrownBy(
                () ->
                    engine.attend(plan, new QueryRows(rows, 0), KeyValueRows.fromStart(rows, rows)))
            .withMessage("2 attention sinks for 4 query heads");
      }
    }
  }

  @Test
  void aRuleIsAValue() {
    double[] sinks = {1, 2};
    ScoreRule rule = rule(ScoreScale.ONE, 3, sinks);
    sinks[0] = 7;
    Arrays.fill(rule.sinks(), 7);
    assertThat(rule)
        .isEqualTo(rule(ScoreScale.ONE, 3, 1, 2))
        .hasSameHashCodeAs(rule(ScoreScale.ONE, 3, 1, 2))
        .isNotEqualTo(rule(ScoreScale.ONE, 3, 1, 2.5))
        .isNotEqualTo(rule(ScoreScale.ONE, 4, 1, 2))
        .isNotEqualTo(rule(new ScoreScale.Constant(2), 3, 1, 2));
    assertThat(ScoreRule.SOFTMAX.hasCap() || ScoreRule.SOFTMAX.hasSinks()).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rule(ScoreScale.ONE, -1))
        .withMessageContaining("cap");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rule(ScoreScale.ONE, 0, Double.NaN))
        .withMessageContaining("sink");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new ScoreRule(ScoreScale.ONE, 0, new double[] {1}, Weighting.SQUARED_RELU));
  }
}
