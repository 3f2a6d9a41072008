package dev.lengthwise.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.TinyDecoder;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.PeakKernel;
import dev.lengthwise.parallel.ProcessMemory;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {

  private static final RotaryTable ROTARY = RotaryTable.geometric(10_000, 64);

  /// A benchmark that takes the time it is told, and writes down when it runs.
  private record Told(String name, long nanoseconds, AtomicLong clock, List<String> log)
      implements Benchmark {
    @Override
    public Work work() {
      return new Work(1, 0, 0);
    }

    @Override
    public void run() {
      log.add(name);
      clock.addAndGet(nanoseconds);
    }

    @Override
    public void after() {
      clock.addAndGet(1_000_000_000); // does not count
    }
  }

  @Test
  void benchmarksTakeTurnsAndTheFirstRoundDoesNotCount() {
    AtomicLong clock = new AtomicLong();
    List<String> log = new ArrayList<>();
    List<Timing> timings =
        new InterleavedRounds(2, clock::get)
            .measure(
                List.of(new Told("a", 1000, clock, log), new Told("b", 3000, clock, log)), _ -> {});

    assertThat(log).containsExactly("a", "b", "a", "b", "a", "b");
    assertThat(timings.get(0).median()).isCloseTo(1e-6, within(1e-12));
    assertThat(timings.get(1).median()).isCloseTo(3e-6, within(1e-12));
    assertThat(timings.getFirst().seconds()).hasSize(2);
  }

  @Test
  void medianIsTheMiddle() {
    assertThat(new Timing(List.of(9.0, 1.0, 2.0)).median()).isEqualTo(2);
    assertThat(new Timing(List.of(4.0, 1.0, 2.0, 9.0)).median()).isEqualTo(3);
  }

  @Test
  void visiblePairsOfPlainAttentionAreTheTriangle() {
    AttentionPlan plan = AttentionPlan.plain(ROTARY);
    assertThat(VisiblePairs.of(plan, 100)).isEqualTo(100 * 101 / 2.0);
    assertThat(VisiblePairs.inTiles(plan, 128)).isEqualTo(3 * 64 * 64);
  }

  @Test
  void visiblePairsOfAWindowAreItsBand() {
    AttentionPlan plan =
        new AttentionPlan(
            ROTARY,
            List.of(Branch.identity(Region.within(Bounds.below(10)))),
            ScoreScale.ONE,
            ScoreBias.NONE,
            QueryKeyMap.IDENTITY);
    assertThat(VisiblePairs.of(plan, 100)).isEqualTo(45 + 91 * 10);
    assertThat(VisiblePairs.inTiles(plan, 640)).isEqualTo((10 + 9) * 64.0 * 64);
  }

  @Test
  void theSumOfMemoryIsThatOfItsFloats() {
    try (Workers workers = new Workers(2);
        Arena arena = Arena.ofShared()) {
      long floats = (4 << 20) + 77; // several blocks, and a rest that fills no vector
      MemorySegment memory = arena.allocate(floats * Float.BYTES, 64);
      for (long at = 0; at < floats; at++) {
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) (at % 8));
      }
      double expected = (4 << 17) * 28.0 + 9 * 28 + (0 + 1 + 2 + 3 + 4);
      assertThat(PeakKernel.sum(workers, memory)).isEqualTo(expected);
    }
  }

  @Test
  void multiplyAddsConverge() {
    try (Workers workers = new Workers(2)) {
      assertThat(PeakKernel.multiplyAdd(workers, 3)).isPositive().isFinite();
      assertThat(PeakKernel.operations(3)).isGreaterThanOrEqualTo(3 * 65_536.0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"window:window=40", "lm-infinite:local=40", "streaming-llm:window=40"})
  void decodingAfterAMillionTokensHoldsAWindow(String method) {
    assertThat(cacheBytes(method, 1 << 20)).isEqualTo(cacheBytes(method, 1 << 12));
  }

  @Test
  void decodingUnderPlainAttentionHoldsEveryToken() {
    assertThat(cacheBytes("rope", 1 << 13)).isGreaterThan(cacheBytes("rope", 1 << 12) * 3 / 2);
  }

  private static long cacheBytes(String method, int depth) {
    ModelShape shape = TinyDecoder.shape(64);
    PositionMethod parsed = new MethodParser(shape, new Rope()).parse(method);
    PlanFunction plans = new PlanFunction(shape, new Rope(), parsed);
    try (Workers workers = new Workers(1)) {
      Decoder decoder = TinyDecoder.random(shape, new Rope(), 1);
      InferenceModel inference = new InferenceModel(decoder, plans, new VectorAttention(workers));
      Decode decode = new Decode(new ModelWork(inference), depth, 1, 2);
      decode.before();
      decode.run();
      decode.after();
      return decode.cacheBytes();
    }
  }

  @Test
  void aHeadThatIsTheEmbeddingIsReadForEveryToken() {
    ModelSpec spec = TinyDecoder.spec(TinyDecoder.shape(64), new Rope());
    Decoder apart = TinyDecoder.random(spec.withHead(Head.plain(false)), 1);
    Decoder tied = TinyDecoder.random(spec.withHead(Head.plain(true)), 1);
    assertThat(ModelWork.weightBytes(tied)).isEqualTo(ModelWork.weightBytes(apart));
  }

  @Test
  void peakMemoryIsKnownOnLinux() {
    if (System.getProperty("os.name").equals("Linux")) {
      assertThat(ProcessMemory.peakResident().orElseThrow()).isGreaterThan(10 << 20);
    }
  }
}
