package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.KeyValueStore;
import dev.lengthwise.attention.ReadingSteps;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightMemory;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is planned is what a sequence takes, to the byte.
class MemoryPlannerTest {

  private static final int TRAINED = 32;
  private static final ModelShape SHAPE = TinyDecoder.shape(TRAINED);
  private static final WeightMemory NO_WEIGHTS = new WeightMemory(0, 0, 0);
  private static final int[] CHUNKS = {1, 7, 100, 512};

  private final Workers workers = new Workers(1);

  @AfterEach
  void end() {
    workers.close();
  }

  private List<Attention> engines() {
    return List.of(new VectorAttention(workers), new TorchAttention(), new ReferenceAttention());
  }

  /// Every method; longrope only makes sense on a model that declares it.
  static Stream<String> methods() {
    return EveryMethodTest.methods().filter(name -> !name.equals("longrope"));
  }

  /// Stores are filled without a model: what they keep does not depend on the numbers.
  @ParameterizedTest
  @MethodSource("methods")
  void storesOfEveryMethodTakeWhatWasForecast(String method) {
    PlanFunction plans = plans(method, SHAPE, new Rope());
    for (Attention engine : engines().subList(0, 2)) {
      assertForecast(engine, plans, new KeyValueShape(2, 16, 24, CacheType.F32), 100);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rope",
        "window:window=200",
        "lm-infinite:local=300,global=100",
        "rerope:window=130",
        "self-extend:group=3,window=7",
        "dynamic-ntk:factor=4+window:window=20"
      })
  void storesOfEveryEngineAndTypeTakeWhatWasForecast(String method) {
    PlanFunction plans = plans(method, SHAPE, new Rope());
    for (Attention engine : engines()) {
      for (CacheType type : CacheType.values()) {
        for (int chunk : CHUNKS) {
          assertForecast(engine, plans, new KeyValueShape(2, 16, 24, type), chunk);
        }
      }
    }
  }

  private static void assertForecast(
      Attention engine, PlanFunction plans, KeyValueShape shape, int chunk) {
    boolean lasts = !plans.dependsOnLength();
    int longest = Math.min(1000, 150 * chunk);
    try (PointerScope _ = new PointerScope();
        KeyValueStore store = engine.newStore(lasts ? plans.plan(0, 1) : null, shape)) {
      Tensor keys = torch.randn(new long[] {chunk, shape.heads(), shape.headSize()});
      Tensor values = torch.randn(new long[] {chunk, shape.heads(), shape.valueSize()});
      for (int length = 0; length < longest; length += chunk) {
        AttentionPlan plan = plans.plan(0, length + chunk);
        store.drop(plan, length);
        store.append(keys, values);
        ReadingSteps steps = new ReadingSteps(length + chunk, chunk);
        assertThat(engine.storeBytes(plan, lasts, shape, steps))
            .as("%s, %s, %s", engine.getClass(), shape, steps)
            .isEqualTo(store.bytes());
      }
    }
  }

  static Set<String> architectures() {
    return Architectures.ALL.keySet();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void sessionsTakeWhatWasPlanned(String name) {
    ModelSpec spec = Architectures.spec(name, TinyDecoder.VOCABULARY, 12, 10);
    try (PointerScope _ = new PointerScope()) {
      for (Attention engine : engines()) {
        InferenceModel inference =
            new InferenceModel(
                TinyDecoder.random(spec, 3),
                new PlanFunction(spec.shape(), spec.declared(), spec.declared()),
                engine,
                CacheType.BF16);
        MemoryPlanner planner =
            new MemoryPlanner(
                spec, inference.plans(), engine, inference.cacheType(), 32, NO_WEIGHTS);
        try (Sequence sequence = inference.newSequence()) {
          sequence.read(TinyDecoder.ids(150, 4), 32, (_, _) -> {});
          assertThat(planner.cache(150)).isEqualTo(sequence.cacheBytes());
        }
      }
    }
  }

  @Test
  void aWindowHasNoLongestTextAndAllKeysHaveOne() {
    MemoryPlanner window = planner("window:window=20");
    MemoryPlanner all = planner("rope");
    long bytes = all.at(10_000).total();

    assertThat(window.longest(window.at(MemoryPlanner.LONGEST).total()))
        .hasValue(MemoryPlanner.LONGEST);
    long longest = all.longest(bytes).orElseThrow();
    assertThat(longest).isGreaterThanOrEqualTo(10_000);
    assertThat(all.at(longest).total()).isLessThanOrEqualTo(bytes);
    assertThat(all.at(longest + 1).total()).isGreaterThan(bytes);
    assertThat(all.longest(1000)).isEmpty();
  }

  private MemoryPlanner planner(String method) {
    ModelSpec spec = TinyDecoder.spec(SHAPE, new Rope());
    return new MemoryPlanner(
        spec,
        plans(method, SHAPE, new Rope()),
        new VectorAttention(workers),
        CacheType.F32,
        512,
        new WeightMemory(1000, 0, 0));
  }

  private static PlanFunction plans(String text, ModelShape shape, PositionMethod declared) {
    return new PlanFunction(
        shape, declared, new MethodParser(shape, declared, OptionalLong.of(64)).parse(text));
  }
}
