package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.cache.KeyValueCache;
import dev.lengthwise.cache.KeyValuePages;
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
import java.util.List;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Values that are wider or narrower than keys, and weights that are not a softmax.
class WideValuesTest {

  private static final int HEAD_SIZE = 8;

  private static AttentionPlan plan(long window, Weighting weighting) {
    AttentionPlan plan =
        new AttentionPlan(
            RotaryTable.geometric(100, 6),
            List.of(Branch.identity(Region.within(Bounds.below(window)))),
            new ScoreScale.LogLength(16, 0.5),
            ScoreBias.NONE,
            QueryKeyMap.IDENTITY);
    return plan.with(new ScoreRule(ScoreScale.ONE, 0, new double[0], weighting));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 24, SOFTMAX", "13, 24, SOFTMAX", "67, 3, SOFTMAX",
    "1, 24, SQUARED_RELU", "13, 24, SQUARED_RELU", "67, 3, SQUARED_RELU"
  })
  void torchEqualsReference(int length, int valueSize, Weighting weighting) {
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(length);
      QueryRows queries = new QueryRows(torch.randn(2, length, 4, HEAD_SIZE), 0);
      KeyValueRows keyValues =
          KeyValueRows.fromStart(
              torch.randn(2, length, 2, HEAD_SIZE), torch.randn(2, length, 2, valueSize));
      for (long window : new long[] {5, Bounds.UNBOUNDED}) {
        AttentionPlan plan = plan(window, weighting);
        Tensor expected = new ReferenceAttention().attend(plan, queries, keyValues);
        Tensor found = new TorchAttention().attend(plan, queries, keyValues);
        assertThat(found.sizes().vec().get()).containsExactly(2, length, 4, valueSize);
        assertThat(found.sub(expected).abs().max().item_double()).isLessThan(2e-6);
      }
    }
  }

  /// Scores are q·k/√4: of the third query 1, −1 and 2, so its weights are 1, 0 and 4, each divided
  /// by the three keys that it sees.
  @Test
  void squaredReluIsDividedByTheNumberOfKeysThatAreSeen() {
    AttentionPlan plan = AttentionPlan.plain(RotaryTable.NONE).with(ScoreRule.SQUARED_RELU);
    try (PointerScope _ = new PointerScope()) {
      Tensor queries = Tensor.create(new float[] {2, 0, 0, 0}, 1, 1, 1, 4);
      Tensor keys = Tensor.create(new float[] {1, 0, 0, 0, -1, 0, 0, 0, 2, 0, 0, 0}, 1, 3, 1, 4);
      Tensor values = Tensor.create(new float[] {3, 5, 6}, 1, 3, 1, 1);
      for (Attention engine : List.of(new ReferenceAttention(), new TorchAttention())) {
        Tensor found =
            engine.attend(plan, new QueryRows(queries, 2), KeyValueRows.fromStart(keys, values));
        assertThat(found.item_double()).isCloseTo((3 + 4 * 6) / 3.0, Offset.offset(1e-6));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, 0", "BF16, 0.01", "Q8_0, 0.02"})
  void pagesGiveBackWideValues(CacheType type, double tolerance) {
    KeyValueShape shape = new KeyValueShape(2, HEAD_SIZE, 40, type);
    try (PointerScope _ = new PointerScope();
        KeyValuePages pages = KeyValuePages.unrotated(shape)) {
      Tensor keys = torch.rand(70, 2, HEAD_SIZE);
      Tensor values = torch.rand(70, 2, 40);
      pages.append(keys, values);
      KeyValueRows rows = pages.rows();
      assertThat(rows.values().select(0, 0).sub(values).abs().max().item_double())
          .isLessThanOrEqualTo(tolerance);
      assertThat(rows.keys().select(0, 0).sub(keys).abs().max().item_double())
          .isLessThanOrEqualTo(tolerance);
    }
  }

  /// Latent attention has 192 channels of keys and 128 of values; pages pad values to 16.
  @ParameterizedTest
  @CsvSource({"8, 24", "8, 3", "24, 8", "192, 128", "5, 64", "16, 200", "1, 1"})
  void vectorEqualsReference(int keySize, int valueSize) {
    AttentionPlan plan = AttentionPlan.plain(RotaryTable.geometric(100, keySize / 2 * 2));
    try (PointerScope _ = new PointerScope();
        Workers workers = new Workers(2)) {
      for (int length : new int[] {1, 3, 64, 131}) {
        for (int keyValueHeads : new int[] {1, 4}) {
          torch.manual_seed(length);
          QueryRows queries = new QueryRows(torch.randn(2, length, 4, keySize), 0);
          KeyValueRows rows =
              KeyValueRows.fromStart(
                  torch.randn(2, length, keyValueHeads, keySize),
                  torch.randn(2, length, keyValueHeads, valueSize));
          Tensor expected = new ReferenceAttention().attend(plan, queries, rows);
          Tensor found = new VectorAttention(workers).attend(plan, queries, rows);
          assertThat(found.sizes().vec().get()).containsExactly(2, length, 4, valueSize);
          assertThat(found.sub(expected).abs().max().item_double()).isLessThan(8e-6);
        }
      }
    }
  }

  /// A prompt, then pieces of seven tokens, or of one, which share their keys out. One engine
  /// serves all: scratch memory of another width is not taken for its own.
  @ParameterizedTest
  @EnumSource
  void vectorReadsPromptsAndPiecesFromEveryCache(CacheType type) {
    AttentionPlan lambda =
        new AttentionPlan(
            RotaryTable.geometric(100, 6).withAmplitude(1.2),
            List.of(
                Branch.identity(Region.within(Bounds.below(40))),
                new Branch(
                    Region.firstKeys(5, 40), new PositionMap.Fixed(40), new PositionMap.Fixed(0))),
            ScoreScale.ONE,
            ScoreBias.Linear.geometric(4, 8, 1),
            QueryKeyMap.IDENTITY);
    try (Workers workers = new Workers(2)) {
      VectorAttention engine = new VectorAttention(workers);
      for (AttentionPlan plan : List.of(plan(Bounds.UNBOUNDED, Weighting.SOFTMAX), lambda)) {
        for (int valueSize : new int[] {HEAD_SIZE, 40, 5, 136}) {
          KeyValueShape shape = new KeyValueShape(2, HEAD_SIZE, valueSize, type);
          assertReads(engine, plan, shape, 7);
          assertReads(engine, plan, shape, 1);
        }
      }
    }
  }

  private static void assertReads(
      Attention engine, AttentionPlan plan, KeyValueShape shape, int piece) {
    int tokens = 600;
    ReferenceAttention reference = new ReferenceAttention();
    try (PointerScope _ = new PointerScope();
        KeyValueCache cache = new KeyValueCache(engine.newStore(plan, shape));
        KeyValueCache raw = new KeyValueCache(reference.newStore(null, shape))) {
      torch.manual_seed(shape.valueSize());
      Tensor queries = torch.randn(1, tokens, 4, HEAD_SIZE);
      Tensor keys = torch.randn(tokens, 2, HEAD_SIZE);
      Tensor values = torch.randn(tokens, 2, shape.valueSize());
      int count = tokens - 5 * piece;
      for (int first = 0; first < tokens; first += count, count = piece) {
        for (KeyValueCache each : List.of(cache, raw)) {
          each.append(keys.narrow(0, first, count), values.narrow(0, first, count), plan);
        }
        QueryRows rows = new QueryRows(queries.narrow(1, first, count), first);
        Tensor found = engine.attend(plan, rows, cache.content());
        int last = first + count - 1; // the only row that is compared: the specification is slow
        QueryRows one = new QueryRows(queries.narrow(1, last, 1), last);
        Tensor expected = reference.attend(plan, one, raw.content());
        assertThat(found.narrow(1, count - 1, 1).sub(expected).abs().max().item_double())
            .as("%s, row %d", shape, last)
            .isLessThan(shape.type() == CacheType.F32 ? 4e-6 : 5e-2);
      }
    }
  }

  /// Few rows are shared out by neighbouring heads: fewer than there are tasks, as many, and
  /// numbers that do not divide. One engine serves all, with tensors and in memory, to the same
  /// bits.
  @Test
  void neighbouringHeadsAreSharedOut() {
    AttentionPlan plan = plan(Bounds.UNBOUNDED, Weighting.SOFTMAX);
    try (Workers workers = new Workers(3)) {
      VectorAttention engine = new VectorAttention(workers);
      for (int heads : new int[] {1, 5, 8, 9, 17}) {
        for (int group : new int[] {1, 3}) {
          for (int rows : new int[] {1, 5}) {
            assertHeads(
                engine,
                plan,
                new KeyValueShape(heads, HEAD_SIZE, 20, CacheType.F32),
                heads * group,
                rows);
          }
        }
      }
    }
  }

  private static void assertHeads(
      VectorAttention engine, AttentionPlan plan, KeyValueShape shape, int queryHeads, int rows) {
    int tokens = 130 + rows;
    try (PointerScope _ = new PointerScope();
        KeyValueCache cache = new KeyValueCache(engine.newStore(plan, shape));
        KeyValueCache inMemory = new KeyValueCache(engine.newStore(plan, shape))) {
      torch.manual_seed(shape.heads());
      Tensor queries = torch.randn(1, rows, queryHeads, HEAD_SIZE);
      Tensor keys = torch.randn(1, tokens, shape.heads(), HEAD_SIZE);
      Tensor values = torch.randn(1, tokens, shape.heads(), shape.valueSize());
      cache.append(keys.select(0, 0), values.select(0, 0), plan);
      inMemory.append(HeadRows.of(keys), HeadRows.of(values), plan);
      QueryRows last = new QueryRows(queries, tokens - rows);
      Tensor found = engine.attend(plan, last, cache.content());
      Tensor output = torch.empty(1, rows, queryHeads, shape.valueSize());
      engine.attend(
          plan, HeadRows.of(queries), tokens - rows, inMemory.content(), HeadRows.of(output));
      assertThat(output.equal(found)).as("%s, %d rows", shape, rows).isTrue();
      Tensor expected =
          new ReferenceAttention().attend(plan, last, KeyValueRows.fromStart(keys, values));
      assertThat(found.sub(expected).abs().max().item_double())
          .as("%s, %d rows", shape, rows)
          .isLessThan(4e-6);
    }
  }

  /// The kernels do not check what they read.
  @Test
  void rowsInMemoryOfOtherSizesAreRefused() {
    AttentionPlan plan = plan(Bounds.UNBOUNDED, Weighting.SOFTMAX);
    KeyValueShape shape = new KeyValueShape(2, HEAD_SIZE, 20, CacheType.F32);
    try (PointerScope _ = new PointerScope();
        Workers workers = new Workers(1);
        KeyValueCache cache =
            new KeyValueCache(new VectorAttention(workers).newStore(plan, shape))) {
      HeadRows keys = HeadRows.of(torch.randn(1, 3, 2, HEAD_SIZE));
      HeadRows values = HeadRows.of(torch.randn(1, 3, 2, 20));
      HeadRows narrow = HeadRows.of(torch.randn(1, 3, 2, 19));
      assertThatIllegalArgumentException().isThrownBy(() -> cache.append(keys, narrow, plan));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cache.append(keys, values.narrow(0, 2), plan));
      cache.append(keys, values, plan);
      VectorAttention engine = new VectorAttention(workers);
      HeadRows query = keys.narrow(2, 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> engine.attend(plan, query, 2, cache.content(), narrow.narrow(0, 1)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> engine.attend(plan, values, 2, cache.content(), values));
      engine.attend(plan, query, 2, cache.content(), values.narrow(0, 1));
    }
  }

  @Test
  void vectorEngineHasNoWeightsButThoseOfASoftmax() {
    try (Workers workers = new Workers(1)) {
      VectorAttention engine = new VectorAttention(workers);
      assertThat(engine.supports(ScoreRule.SOFTMAX)).isTrue();
      assertThat(engine.supports(ScoreRule.SQUARED_RELU)).isFalse();
    }
  }
}
