package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.cache.KeyRotation;
import dev.lengthwise.cache.KeyValueCache;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The amplitude of rotary tables: a factor on the turned channels of queries and keys, and on
/// nothing else.
class AmplitudeTest {

  private static final double AMPLITUDE = 1.4;
  private static final int SIZE = 16;
  private static final int TOKENS = 150;
  private static final Workers WORKERS = new Workers(2);

  private static final List<Branch> PLAIN = List.of(Branch.PLAIN);

  /// The second branch reads keys that are not turned.
  private static final List<Branch> LAMBDA =
      List.of(
          Branch.identity(Region.within(Bounds.below(20))),
          new Branch(Region.firstKeys(5, 20), new PositionMap.Fixed(20), new PositionMap.Fixed(0)));

  @AfterAll
  static void stop() {
    WORKERS.close();
  }

  private static List<Attention> engines() {
    return List.of(new TorchAttention(), new VectorAttention(WORKERS));
  }

  private static AttentionPlan plan(int rotary, double amplitude, List<Branch> branches) {
    return plan(rotary, amplitude, branches, ScoreScale.ONE, QueryKeyMap.IDENTITY);
  }

  private static AttentionPlan plan(
      int rotary, double amplitude, List<Branch> branches, ScoreScale scale, QueryKeyMap map) {
    RotaryTable table = RotaryTable.geometric(100, rotary).withAmplitude(amplitude);
    return new AttentionPlan(table, branches, scale, ScoreBias.NONE, map);
  }

  @Test
  void channelsThatDoNotTurnKeepTheirPartOfTheScore() {
    double[] query = {1, 2, -1, 0.5, 3, -2};
    double[] key = {0.5, -1, 2, 1, 1, 4};
    double turned = score(1, query, key) - (3 * 1 - 2 * 4) / Math.sqrt(6);
    assertThat(score(AMPLITUDE, query, key))
        .isCloseTo(
            AMPLITUDE * AMPLITUDE * turned + (3 * 1 - 2 * 4) / Math.sqrt(6), Offset.offset(1e-12));
  }

  private static double score(double amplitude, double[] query, double[] key) {
    AttentionPlan plan = plan(4, amplitude, PLAIN);
    return Objects.requireNonNull(ReferenceAttention.score(plan, 0, query, 9, key, 4));
  }

  static Stream<Arguments> wholeHeads() {
    return Stream.of(
        Arguments.of(QueryKeyMap.IDENTITY),
        Arguments.of(new QueryKeyMap.Cosine(new ScoreScale.LogLength(2, 0.5))),
        Arguments.of(new QueryKeyMap.Collinear(true)),
        Arguments.of(new QueryKeyMap.Collinear(false)),
        Arguments.of(new QueryKeyMap.Decay(0.4, 512)));
  }

  @ParameterizedTest
  @MethodSource("wholeHeads")
  void onWholeHeadsItsSquareIsAScoreScale(QueryKeyMap map) {
    ScoreScale square = new ScoreScale.Constant(AMPLITUDE * AMPLITUDE);
    try (PointerScope _ = new PointerScope()) {
      Text text = new Text(67);
      Tensor expected =
          new ReferenceAttention()
              .attend(plan(SIZE, 1, LAMBDA, square, map), text.queries(0, 67), text.rows());
      List<Attention> engines = new ArrayList<>(engines());
      engines.add(new ReferenceAttention());
      for (Attention engine : engines) {
        Tensor found =
            engine.attend(
                plan(SIZE, AMPLITUDE, LAMBDA, ScoreScale.ONE, map),
                text.queries(0, 67),
                text.rows());
        assertThat(difference(found, expected)).isLessThan(1e-5);
      }
    }
  }

  static Stream<Arguments> partOfAHead() {
    return Stream.of(
        Arguments.of(PLAIN, ScoreScale.ONE, QueryKeyMap.IDENTITY),
        Arguments.of(LAMBDA, new ScoreScale.LogLength(16, 0.5), QueryKeyMap.IDENTITY),
        Arguments.of(LAMBDA, new ScoreScale.Constant(0.8), new QueryKeyMap.Normalize(true, true)),
        Arguments.of(PLAIN, ScoreScale.ONE, new QueryKeyMap.Decay(0.4, 512)));
  }

  @ParameterizedTest
  @MethodSource("partOfAHead")
  void enginesAgreeWhereAPartOfAHeadTurns(
      List<Branch> branches, ScoreScale scale, QueryKeyMap map) {
    AttentionPlan plan = plan(10, AMPLITUDE, branches, scale, map);
    AttentionPlan without = plan(10, 1, branches, scale, map);
    try (PointerScope _ = new PointerScope()) {
      Text text = new Text(TOKENS);
      QueryRows queries = text.queries(0, TOKENS);
      Tensor expected = new ReferenceAttention().attend(plan, queries, text.rows());
      assertThat(
              difference(new ReferenceAttention().attend(without, queries, text.rows()), expected))
          .isGreaterThan(1e-2);
      for (Attention engine : engines()) {
        assertThat(difference(engine.attend(plan, queries, text.rows()), expected))
            .isLessThan(5e-6);
      }
    }
  }

  @Test
  void bidirectionalTextsHaveItToo() {
    AttentionPlan plan = plan(10, AMPLITUDE, PLAIN).bidirectional(40);
    try (PointerScope _ = new PointerScope()) {
      Text text = new Text(40);
      Tensor expected = new ReferenceAttention().attend(plan, text.queries(0, 40), text.rows());
      Tensor found = new TorchAttention().attend(plan, text.queries(0, 40), text.rows());
      assertThat(difference(found, expected)).isLessThan(5e-6);
    }
  }

  /// Keys that are kept as they are and keys that are kept turned, by whole texts, by sevens and
  /// by tokens.
  @ParameterizedTest
  @EnumSource
  void everyCacheGivesTheSameInPiecesOfAnySize(CacheType type) {
    double tolerance = type == CacheType.F32 ? 5e-6 : 0.05;
    for (List<Branch> branches : List.of(PLAIN, LAMBDA)) {
      AttentionPlan plan = plan(10, AMPLITUDE, branches);
      try (PointerScope _ = new PointerScope()) {
        Text text = new Text(TOKENS);
        Tensor expected =
            new ReferenceAttention().attend(plan, text.queries(0, TOKENS), text.rows());
        for (Attention engine : engines()) {
          for (boolean turned : new boolean[] {true, false}) {
            Tensor whole = inPieces(engine, plan, turned, text, type, TOKENS);
            assertThat(difference(whole, expected)).isLessThan(tolerance);
            for (int piece : new int[] {7, 1}) {
              Tensor found = inPieces(engine, plan, turned, text, type, piece);
              assertThat(difference(found, whole)).as("pieces of %d", piece).isLessThan(5e-6);
            }
          }
        }
      }
    }
  }

  private static Tensor inPieces(
      Attention engine, AttentionPlan plan, boolean turned, Text text, CacheType type, int piece) {
    TensorVector outputs = new TensorVector();
    KeyValueStore store = engine.newStore(turned ? plan : null, new KeyValueShape(2, SIZE, type));
    try (KeyValueCache cache = new KeyValueCache(store)) {
      for (int first = 0; first < TOKENS; first += piece) {
        int count = Math.min(piece, TOKENS - first);
        cache.append(
            text.keys.select(0, 0).narrow(0, first, count),
            text.values.select(0, 0).narrow(0, first, count),
            plan);
        outputs.push_back(engine.attend(plan, text.queries(first, count), cache.content()));
      }
      return torch.cat(outputs, 1);
    }
  }

  @Test
  void keysAreKeptTheSameWhateverItIs() {
    assertThat(KeyRotation.of(plan(10, AMPLITUDE, LAMBDA)))
        .isEqualTo(KeyRotation.of(plan(10, 1, LAMBDA)));
  }

  private static double difference(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item_double();
  }

  /// A random text of four query heads and two key heads.
  private static final class Text {
    private final Tensor queries;
    private final Tensor keys;
    private final Tensor values;

    Text(int tokens) {
      torch.manual_seed(tokens);
      queries = torch.randn(1, tokens, 4, SIZE);
      keys = torch.randn(1, tokens, 2, SIZE);
      values = torch.randn(1, tokens, 2, SIZE);
    }

    QueryRows queries(int first, int count) {
      return new QueryRows(queries.narrow(1, first, count), first);
    }

    KeyValueRows rows() {
      return KeyValueRows.fromStart(keys, values);
    }
  }
}
