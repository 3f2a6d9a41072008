package dev.lengthwise.diagnose;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Where a head's scores first rise with the distance, against the order of the text.
///
/// A rotary pair adds `|q||k| cos(Θ + ρθ)` to a score, where `Θ` in `[0, 2π)` is the angle from the
/// key to the query before they turn. With `Θ > π` that rises with the relative position until `ρ`
/// is `τ = (2π − Θ)/θ`. Collinear keys have `Θ = 0`: nothing rises.
///
/// Source: Zhu et al. 2024, "CoCA", arXiv 2309.08646, "anomalous" behaviour of nearest tokens.
///
/// @param head index of the query head
/// @param rising for each rotary pair, the share of keys seen with `Θ > π`
/// @param affected for each rotary pair, how many of the keys that a query sees have `Θ > π` and
///     are nearer than their `τ`; mean over queries
public record OrderBreaking(int head, List<Double> rising, List<Double> affected) {

  /// Queries that are looked at, evenly over the text; each with every key that it sees.
  private static final int MOST_QUERIES = 256;

  /// Copies the lists.
  public OrderBreaking {
    rising = List.copyOf(rising);
    affected = List.copyOf(affected);
  }

  /// Every head of a layer; none where nothing turns.
  ///
  /// @param queries `[1, tokens, heads, headSize]`, not rotated
  /// @param keys `[1, tokens, keyValueHeads, headSize]`, not rotated
  public static List<OrderBreaking> of(AttentionPlan plan, Tensor queries, Tensor keys) {
    int heads = (int) queries.size(2);
    int group = heads / (int) keys.size(2);
    List<OrderBreaking> all = new ArrayList<>();
    for (int head = 0; head < heads && plan.rotary().pairs() > 0; head++) {
      double[] query = angles(plan, queries.select(2, head));
      double[] key = angles(plan, keys.select(2, head / group));
      all.add(of(plan, head, query, key));
    }
    return all;
  }

  private static OrderBreaking of(AttentionPlan plan, int head, double[] queries, double[] keys) {
    RotaryTable rotary = plan.rotary();
    int pairs = rotary.pairs();
    int tokens = queries.length / pairs;
    int step = Math.ceilDiv(tokens, MOST_QUERIES);
    long[] rising = new long[pairs];
    long[] affected = new long[pairs];
    long seen = 0;
    for (int query = tokens - 1; query >= 0; query -= step) {
      for (Branch branch : plan.branches()) {
        Bounds run = branch.region().keys(query);
        seen += run.until() - run.from();
        for (int key = (int) run.from(); key < run.until(); key++) {
          double position = branch.relativePosition(query, key);
          for (int pair = 0; pair < pairs; pair++) {
            double frequency = rotary.frequency(pair);
            double turn = queries[query * pairs + pair] - keys[key * pairs + pair];
            double angle = turn < 0 ? turn + 2 * Math.PI : turn;
            if (angle > Math.PI && frequency > 0) {
              rising[pair]++;
              affected[pair] += position * frequency < 2 * Math.PI - angle ? 1 : 0;
            }
          }
        }
      }
    }
    return new OrderBreaking(
        head, parts(rising, Math.max(1, seen)), parts(affected, Math.ceilDiv(tokens, step)));
  }

  private static List<Double> parts(long[] counts, long whole) {
    return Arrays.stream(counts).mapToObj(count -> (double) count / whole).toList();
  }

  // [tokens, pairs] of vectors [1, tokens, headSize]; NaN where there is no length.
  private static double[] angles(AttentionPlan plan, Tensor vectors) {
    int pairs = plan.rotary().pairs();
    int size = (int) vectors.size(2);
    double[] angles = new double[(int) vectors.size(1) * pairs];
    if (plan.map() instanceof QueryKeyMap.Collinear) {
      return angles;
    }
    try (PointerScope _ = new PointerScope()) {
      DoubleBuffer all = vectors.to(ScalarType.Double).contiguous().createBuffer();
      for (int at = 0; at < angles.length; at++) {
        int first = at / pairs * size + at % pairs;
        double x = all.get(first);
        double y = all.get(first + pairs);
        angles[at] = x == 0 && y == 0 ? Double.NaN : Math.atan2(y, x);
      }
    }
    return angles;
  }
}
