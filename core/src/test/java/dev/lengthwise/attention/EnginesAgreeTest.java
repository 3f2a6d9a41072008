package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.reference.ReferenceAttention;
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
import dev.lengthwise.position.ScoreScale;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The vector engine against the specification, on plans built by hand: every kind of region, map,
/// scale and bias.
class EnginesAgreeTest {

  // The reference engine is slow on purpose: big heads take few lengths.
  private static final int[] MANY = {1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 150};
  private static final int[] FEW = {1, 67};

  private record Heads(int query, int keyValue, int size, int rotary) {
    int[] lengths() {
      return query * size <= 64 ? MANY : FEW;
    }
  }

  private static final List<Heads> HEADS =
      List.of(
          new Heads(1, 1, 4, 4),
          new Heads(4, 2, 16, 16),
          new Heads(6, 2, 24, 12),
          new Heads(2, 2, 64, 64),
          new Heads(8, 1, 32, 32),
          new Heads(1, 1, 256, 256));

  static Stream<Arguments> plans() {
    return Stream.of(
        Arguments.of("plain", List.of(Branch.PLAIN), ScoreScale.ONE),
        Arguments.of(
            "window",
            List.of(Branch.identity(Region.within(Bounds.below(37)))),
            new ScoreScale.LogLength(32, 1)),
        Arguments.of(
            "lambda",
            List.of(
                Branch.identity(Region.within(Bounds.below(20))),
                new Branch(
                    Region.firstKeys(5, 20), new PositionMap.Fixed(20), new PositionMap.Fixed(0))),
            ScoreScale.ONE),
        Arguments.of(
            "leaky",
            List.of(
                Branch.identity(Region.within(Bounds.below(33))),
                new Branch(
                    Region.within(Bounds.atLeast(33)),
                    new PositionMap.Divided(4, 33 - 33.0 / 4),
                    new PositionMap.Divided(4, 0))),
            new ScoreScale.Constant(1.3)),
        Arguments.of(
            "chunks",
            List.of(
                new Branch(
                    Region.chunks(24, Bounds.below(1)),
                    new PositionMap.Chunked(24, 0, 40),
                    new PositionMap.Chunked(24, 0, 40)),
                new Branch(
                    Region.chunks(24, new Bounds(1, 2)),
                    new PositionMap.Chunked(24, 24, 40),
                    new PositionMap.Chunked(24, 0, 40)),
                new Branch(
                    Region.chunks(24, Bounds.atLeast(2)),
                    new PositionMap.Fixed(40),
                    new PositionMap.Chunked(24, 0, 40))),
            ScoreScale.ONE));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("plans")
  void vectorEqualsReference(String name, List<Branch> branches, ScoreScale scale) {
    try (Workers workers = new Workers(2)) {
      for (Heads heads : HEADS) {
        RotaryTable rotary = RotaryTable.geometric(100, heads.rotary());
        AttentionPlan rotated =
            new AttentionPlan(rotary, branches, scale, ScoreBias.NONE, QueryKeyMap.IDENTITY);
        AttentionPlan biased =
            new AttentionPlan(
                RotaryTable.NONE,
                branches,
                scale,
                ScoreBias.Linear.geometric(heads.query(), 8, 1),
                new QueryKeyMap.Normalize(true, true));
        for (int length : heads.lengths()) {
          assertAgree(new VectorAttention(workers), rotated, heads, length);
          if (length % 2 == 1) {
            assertAgree(new VectorAttention(workers), biased, heads, length);
          }
        }
      }
    }
  }

  private static void assertAgree(Attention engine, AttentionPlan plan, Heads heads, int length) {
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(length);
      QueryRows queries = new QueryRows(random(2, length, heads.query(), heads.size()), 0);
      KeyValueRows keyValues =
          KeyValueRows.fromStart(
              random(2, length, heads.keyValue(), heads.size()),
              random(2, length, heads.keyValue(), heads.size()));
      Tensor expected = new ReferenceAttention().attend(plan, queries, keyValues);
      Tensor actual = engine.attend(plan, queries, keyValues);
      double difference = actual.sub(expected).abs().max().item().toDouble();
      assertThat(difference)
          .as("%s at length %d with %s", plan.branches(), length, heads)
          .isLessThan(1e-6 + 5e-7 * Math.sqrt(heads.size()));
    }
  }

  private static Tensor random(long... shape) {
    return torch.randn(shape);
  }
}
