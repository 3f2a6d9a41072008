package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.method.Alibi;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreRule;
import dev.lengthwise.position.ScoreScale;
import dev.lengthwise.position.Weighting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys of the middle of a text that the last query of a step chooses.
class KeySelectionTest {

  private static final int[] LENGTHS = {1, 2, 3, 24, 25, 26, 27, 63, 64, 65, 131, 200};

  private final PointerScope scope = new PointerScope();
  private final Workers workers = new Workers(2);

  @AfterEach
  void end() {
    workers.close();
    scope.close();
  }

  private static AttentionPlan plan(ModelShape shape, PositionMethod declared, String method) {
    PositionMethod chosen = new MethodParser(shape, declared).parse(method);
    return new PlanFunction(shape, declared, chosen).plan(0, 1000);
  }

  private static AttentionPlan rotary(int keyValueHeads, String method) {
    return plan(new ModelShape(1, 4, keyValueHeads, 8, 6, 100, 64), new Rope(), method);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lm-infinite:local=20,global=5,top-k=1,from-layer=0",
        "lm-infinite:local=20,global=5,top-k=3,from-layer=0,middle=7",
        "lm-infinite:local=20,global=0,top-k=3,from-layer=0",
        "lm-infinite:local=20,global=5,ceiling=none,top-k=4,from-layer=0",
        "lm-infinite:local=20,global=5,top-k=70,from-layer=0",
        "lm-infinite:local=20,global=5,top-k=3,from-layer=0+log-n:base=16",
        "lm-infinite:local=20,global=5,top-k=3,from-layer=0+key-norm",
        "lm-infinite:local=20,global=5,top-k=3,from-layer=0+xpos:scale=40"
      })
  void everyEngineEqualsReference(String method) {
    for (int keyValueHeads : new int[] {1, 2, 4}) {
      AttentionPlan plan = rotary(keyValueHeads, method);
      for (int length : LENGTHS) {
        assertAgree(plan, keyValueHeads, length);
      }
    }
  }

  @Test
  void capsSinksAndBiasesHoldForChosenKeys() {
    ScoreRule rule =
        new ScoreRule(
            new ScoreScale.Constant(1.5), 2, new double[] {0.5, 1, -1, 2}, Weighting.SOFTMAX);
    String method = "lm-infinite:local=20,global=5,top-k=3,from-layer=0";
    ModelShape still = new ModelShape(1, 4, 2, 8, 0, 0, 64);
    for (int length : LENGTHS) {
      assertAgree(rotary(2, method).with(rule), 2, length);
      assertAgree(plan(still, new Alibi(), method), 2, length);
      assertAgree(rotary(2, method + "+fire:width=4"), 2, length);
      assertAgree(rotary(2, method + "+kerple"), 2, length);
    }
  }

  private void assertAgree(AttentionPlan plan, int keyValueHeads, int length) {
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(length);
      Tensor queries = torch.randn(2, length, 4, 8);
      KeyValueRows rows =
          KeyValueRows.fromStart(
              torch.randn(2, length, keyValueHeads, 8), torch.randn(2, length, keyValueHeads, 8));
      for (int first : new int[] {0, length / 2, length - 1}) {
        QueryRows step = new QueryRows(queries.narrow(1, first, length - first), first);
        Tensor expected = new ReferenceAttention().attend(plan, step, rows);
        for (Attention engine : List.of(new VectorAttention(workers), new TorchAttention())) {
          Tensor found = engine.attend(plan, step, rows);
          assertThat(found.sub(expected).abs().max().item_double())
              .as("%s from row %d of %d", engine.getClass().getSimpleName(), first, length)
              .isLessThan(5e-6);
        }
      }
    }
  }

  /// Keys are shared out in parts of 512, kept in every type, and none is dropped.
  @ParameterizedTest
  @EnumSource
  void decodingFindsKeysOfTheMiddleInPages(CacheType type) {
    AttentionPlan plan = rotary(2, "lm-infinite:local=600,global=5,top-k=3,from-layer=0");
    KeyValueShape shape = new KeyValueShape(2, 8, type);
    try (KeyValueStore pages = new VectorAttention(workers).newStore(plan, shape);
        KeyValueStore raw = new ReferenceAttention().newStore(null, shape);
        KeyValueStore tensors = new TorchAttention().newStore(plan, shape)) {
      torch.manual_seed(1);
      for (int n = 0; n < 15; n++) {
        Tensor keys = torch.randn(100, 2, 8);
        Tensor values = torch.randn(100, 2, 8);
        pages.drop(plan, pages.length());
        pages.append(keys, values);
        raw.append(keys, values);
        tensors.drop(plan, tensors.length());
        tensors.append(keys, values);
      }
      QueryRows last = new QueryRows(torch.randn(1, 1, 4, 8), 1499);
      Tensor expected = new ReferenceAttention().attend(plan, last, raw);
      Tensor without = new ReferenceAttention().attend(plan.withoutSelection(), last, raw);
      Tensor found = new VectorAttention(workers).attend(plan, last, pages);
      double change = without.sub(expected).abs().max().item_double();
      double error = found.sub(expected).abs().max().item_double();
      assertThat(change).isGreaterThan(1e-3);
      assertThat(error).isLessThan(type == CacheType.F32 ? 2e-6 : 1e-2);
      assertThat(pages.held().count()).isEqualTo(1500);
      Tensor inTensors = new TorchAttention().attend(plan, last, tensors);
      assertThat(inTensors.sub(expected).abs().max().item_double())
          .isLessThan(type == CacheType.F32 ? 2e-6 : 1e-2);
    }
  }

  /// One head without rotation: the weights are those of a softmax over the local keys, the first
  /// ones, and the three best between.
  @Test
  void theBestKeysJoinTheSoftmax() {
    AttentionPlan plan =
        plan(
            new ModelShape(1, 1, 1, 4, 4, 100, 64),
            new Rope(),
            "lm-infinite:local=4,global=2,ceiling=none,top-k=3,from-layer=0");
    AttentionPlan unrotated =
        new AttentionPlan(
            RotaryTable.NONE,
            plan.branches(),
            plan.scale(),
            plan.bias(),
            plan.map(),
            plan.selection(),
            plan.rule());
    torch.manual_seed(2);
    Tensor query = torch.randn(1, 1, 1, 4);
    Tensor keys = torch.randn(1, 30, 1, 4);
    Tensor values = torch.randn(1, 30, 1, 4);
    Tensor scores = keys.view(30, 4).matmul(query.view(4, 1)).view(30);
    List<Integer> middle = new ArrayList<>();
    List<Integer> seen = new ArrayList<>(List.of(0, 1, 26, 27, 28, 29));
    for (int key = 2; key < 26; key++) {
      middle.add(key);
    }
    middle.sort(Comparator.comparingDouble(key -> -scores.select(0, key).item_double()));
    seen.addAll(middle.subList(0, 3));
    double total = 0;
    double weighted = 0;
    for (int key : seen) {
      double weight = Math.exp(scores.select(0, key).item_double() / 2);
      total += weight;
      weighted += weight * values.select(1, key).select(2, 0).item_double();
    }
    for (Attention engine :
        List.of(new ReferenceAttention(), new TorchAttention(), new VectorAttention(workers))) {
      Tensor found =
          engine.attend(unrotated, new QueryRows(query, 29), KeyValueRows.fromStart(keys, values));
      assertThat(found.select(3, 0).item_double()).isCloseTo(weighted / total, Offset.offset(1e-5));
    }
  }

  /// A key that is chosen has the logit that rotation gives at the distance `middle`.
  @Test
  void chosenKeysStandAtOneDistance() {
    AttentionPlan plan = rotary(1, "lm-infinite:local=20,global=5,top-k=9,from-layer=0,middle=7");
    double[] query = {1, 2, -1, 0.5, 3, 1, -2, 1};
    double[] key = {0.5, 1, 2, -1, 1, 1, 0.5, 2};
    AttentionPlan plain = AttentionPlan.plain(plan.rotary());
    Double expected = ReferenceAttention.score(plain, 0, query, 7, key, 0);
    AttentionPlan chosen =
        new AttentionPlan(
            plan.rotary(),
            List.of(Objects.requireNonNull(plan.selection()).candidates()),
            plan.scale(),
            plan.bias(),
            plan.map());
    for (long place : new long[] {5, 30, 80}) {
      assertThat(ReferenceAttention.score(chosen, 0, query, 100, key, place)).isEqualTo(expected);
    }
    assertThat(ReferenceAttention.score(chosen, 0, query, 100, key, 4)).isNull();
    assertThat(ReferenceAttention.score(chosen, 0, query, 100, key, 81)).isNull();
  }

  @ParameterizedTest
  @CsvSource({"0, false", "1, true", "7, true"})
  void onlyLayersFromTheFirstOnChoose(int layer, boolean chooses) {
    ModelShape shape = new ModelShape(8, 4, 2, 8, 6, 100, 64);
    PositionMethod method =
        new MethodParser(shape, new Rope()).parse("lm-infinite:local=20,top-k=5,from-layer=1");
    AttentionPlan plan = new PlanFunction(shape, new Rope(), method).plan(layer, 100);
    assertThat(plan.selection() != null).isEqualTo(chooses);
    assertThat(plan.retention().keepsAll()).isEqualTo(chooses);
    assertThat(method.dependsOnSteps()).isTrue();
  }

  @Test
  void theBestAreKeptInOrder() {
    BestKeys best = new BestKeys(3, 1000);
    best.take(new float[] {0, 5, 1, 7, 5, Float.NEGATIVE_INFINITY, 2}, 0, 1, 6, 100);
    best.take(new float[] {9, 6, 5}, 0, 1, 3, 200);
    assertThat(best.count()).isEqualTo(3);
    assertThat(new float[] {best.score(0), best.score(1), best.score(2)}).containsExactly(7, 6, 5);
    assertThat(new long[] {best.key(0), best.key(1), best.key(2)}).containsExactly(103, 201, 101);
    assertThat(new BestKeys(3, 0).count()).isZero();
  }
}
