package dev.lengthwise.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.reference.ReferenceAttention;
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
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OrderBreakingTest {

  private static final int TOKENS = 10;
  private static final RotaryTable ROTARY = new RotaryTable(new double[] {0.5, 0.1});
  private static final Offset<Double> CLOSE = Offset.offset(1e-12);

  private final PointerScope scope = new PointerScope();

  @AfterEach
  void end() {
    scope.close();
  }

  private static AttentionPlan plan(Branch branch, QueryKeyMap map) {
    return new AttentionPlan(ROTARY, List.of(branch), ScoreScale.ONE, ScoreBias.NONE, map);
  }

  // Every token has this vector; [1, tokens, 1, 4].
  private static Tensor alike(double... vector) {
    double[] all =
        IntStream.range(0, TOKENS).boxed().flatMapToDouble(_ -> DoubleStream.of(vector)).toArray();
    return Tensor.create(all, 1, TOKENS, 1, vector.length);
  }

  // Queries at angle 0; keys at 1.2 in the first pair, so that Θ = 2π − 1.2, and at −1 in the
  // second, so that Θ = 1.
  private static OrderBreaking byHand(AttentionPlan plan) {
    Tensor queries = alike(1, 1, 0, 0);
    Tensor keys = alike(2 * Math.cos(1.2), 3 * Math.cos(-1), 2 * Math.sin(1.2), 3 * Math.sin(-1));
    return OrderBreaking.of(plan, queries, keys).getFirst();
  }

  /// `τ = 1.2/0.5 = 2.4`: the keys at distances 0, 1 and 2, of which the first two queries see one
  /// and two.
  @Test
  void nearestKeysOfAnAngleAbovePiAreAffected() {
    OrderBreaking order = byHand(plan(Branch.PLAIN, QueryKeyMap.IDENTITY));

    assertThat(order.head()).isZero();
    assertThat(order.rising()).containsExactly(1.0, 0.0);
    assertThat(order.affected()).containsExactly((1 + 2 + 8 * 3) / 10.0, 0.0);
  }

  @Test
  void positionsAndRegionsAreThoseOfThePlan() {
    PositionMap half = new PositionMap.Divided(2, 0);
    OrderBreaking interpolated =
        byHand(plan(new Branch(Region.ALL, half, half), QueryKeyMap.IDENTITY));
    assertThat(interpolated.affected().getFirst())
        .as("half positions put the distances 0 to 4 within 2.4")
        .isEqualTo((1 + 2 + 3 + 4 + 6 * 5) / 10.0);

    Branch window = Branch.identity(Region.within(Bounds.below(2)));
    OrderBreaking near = byHand(plan(window, QueryKeyMap.IDENTITY));
    assertThat(near.rising()).containsExactly(1.0, 0.0);
    assertThat(near.affected().getFirst()).isEqualTo((1 + 9 * 2) / 10.0);
  }

  @Test
  void collinearKeysBreakNoOrder() {
    for (boolean slack : new boolean[] {false, true}) {
      OrderBreaking order = byHand(plan(Branch.PLAIN, new QueryKeyMap.Collinear(slack)));
      assertThat(order.rising()).containsExactly(0.0, 0.0);
      assertThat(order.affected()).containsExactly(0.0, 0.0);
    }
  }

  @Test
  void vectorsWithoutLengthHaveNoAngle() {
    OrderBreaking order =
        OrderBreaking.of(
                plan(Branch.PLAIN, QueryKeyMap.IDENTITY), alike(0, 0, 0, 0), alike(1, 1, 1, -1))
            .getFirst();
    assertThat(order.rising()).containsExactly(0.0, 0.0);
  }

  /// Slopes from the specification's rotation: a key is affected where the score of its pair still
  /// rises, from no distance at all up to its own.
  @Test
  void countsAreThoseOfScoresThatRise() {
    int tokens = 300; // more than are looked at: every second query
    int heads = 2;
    SplittableRandom random = new SplittableRandom(8);
    double[] query = random.doubles(4L * tokens * heads, -1, 1).toArray();
    double[] key = random.doubles(4L * tokens, -1, 1).toArray();
    List<OrderBreaking> found =
        OrderBreaking.of(
            plan(Branch.PLAIN, QueryKeyMap.IDENTITY),
            Tensor.create(query, 1, tokens, heads, 4),
            Tensor.create(key, 1, tokens, 1, 4));

    assertThat(found).hasSize(heads);
    for (int head = 0; head < heads; head++) {
      for (int pair = 0; pair < 2; pair++) {
        long seen = 0;
        long rising = 0;
        long affected = 0;
        for (int i = tokens - 1; i >= 0; i -= 2) {
          for (int j = 0; j <= i; j++) {
            double[] q = pairOf(query, i * heads + head, pair);
            double[] k = pairOf(key, j, pair);
            double frequency = ROTARY.frequency(pair);
            seen++;
            if (rises(q, k, 0)) {
              rising++;
              double turned = (i - j) * frequency;
              boolean still = turned < Math.PI;
              for (double at = 0; at < turned && still; at += 0.2) {
                still = rises(q, k, at);
              }
              affected += still && rises(q, k, turned) ? 1 : 0;
            }
          }
        }
        OrderBreaking own = found.get(head);
        assertThat(own.rising().get(pair)).isCloseTo((double) rising / seen, CLOSE);
        assertThat(own.affected().get(pair)).isCloseTo(affected / 150.0, CLOSE);
      }
    }
  }

  private static double[] pairOf(double[] all, int row, int pair) {
    return new double[] {all[4 * row + pair], all[4 * row + pair + 2]};
  }

  // Whether the score grows where the query has turned by `angle`.
  private static boolean rises(double[] q, double[] k, double angle) {
    RotaryTable unit = new RotaryTable(new double[] {1});
    double[] before = ReferenceAttention.rotate(q, angle - 1e-6, unit);
    double[] after = ReferenceAttention.rotate(q, angle + 1e-6, unit);
    return (after[0] - before[0]) * k[0] + (after[1] - before[1]) * k[1] > 0;
  }
}
