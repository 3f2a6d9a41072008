package dev.lengthwise.attention.reference;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.KeyValueStore;
import dev.lengthwise.attention.KeyValues;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.ReadingSteps;
import dev.lengthwise.cache.KeyRotation;
import dev.lengthwise.cache.KeyValuePages;
import dev.lengthwise.cache.PageForecast;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.KeySelection;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreScale;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The specification: double precision, one explicit rotation for each pair of query and key, plain
/// loops. Slow on purpose.
public final class ReferenceAttention implements Attention {

  /// Pages of keys that are not rotated.
  @Override
  public KeyValueStore newStore(@Nullable AttentionPlan plan, KeyValueShape shape) {
    return KeyValuePages.unrotated(shape);
  }

  @Override
  public long storeBytes(
      AttentionPlan plan, boolean lasts, KeyValueShape shape, ReadingSteps steps) {
    return new PageForecast(shape, List.of(KeyRotation.RAW), steps).bytes(plan);
  }

  @Override
  public Tensor attend(AttentionPlan plan, QueryRows queries, KeyValues given) {
    plan.rule().requireHeads(queries.heads());
    KeyValueRows keyValues = given.rows();
    double[] query = doubles(queries.tensor());
    double[] key = doubles(keyValues.keys());
    double[] value = doubles(keyValues.values());
    int size = queries.headSize();
    int valueSize = (int) keyValues.values().size(3);
    int group = queries.heads() / keyValues.heads();
    int capacity = (int) keyValues.keys().size(1);
    double[] output =
        new double[query.length / size * valueSize]; // [batch, rows, heads, valueSize]
    for (int batch = 0; batch < queries.batch(); batch++) {
      for (int row = 0; row < queries.rows(); row++) {
        for (int head = 0; head < queries.heads(); head++) {
          int at = (batch * queries.rows() + row) * queries.heads() + head;
          double[] one = Arrays.copyOfRange(query, at * size, (at + 1) * size);
          boolean last = row == queries.rows() - 1;
          Row scored = new Row(plan, one, queries.firstPosition() + row, head, valueSize, last);
          for (KeySpan span : keyValues.spans()) {
            for (int n = 0; n < span.count(); n++) {
              int keyRow = batch * capacity + span.firstRow() + n;
              int from = keyRow * keyValues.heads() + head / group;
              scored.see(
                  span.firstPosition() + n,
                  Arrays.copyOfRange(key, from * size, (from + 1) * size),
                  Arrays.copyOfRange(value, from * valueSize, (from + 1) * valueSize));
            }
          }
          System.arraycopy(scored.output(), 0, output, at * valueSize, valueSize);
        }
      }
    }
    return fromDoubles(output, queries.tensor());
  }

  /// The score of one pair, or `null` when no branch of the plan holds it. This method is the
  /// formula of [AttentionPlan].
  ///
  /// @param query `[headSize]`, as projected
  /// @param key `[headSize]`, as projected
  public static @Nullable Double score(
      AttentionPlan plan, int head, double[] query, long queryIndex, double[] key, long keyIndex) {
    for (Branch branch : plan.branches()) {
      if (branch.region().contains(queryIndex, keyIndex)) {
        return score(plan, branch, head, new Pair(query, queryIndex, key, keyIndex));
      }
    }
    return null;
  }

  private record Pair(double[] query, long queryIndex, double[] key, long keyIndex) {}

  private static double score(AttentionPlan plan, Branch branch, int head, Pair pair) {
    double[] query = pair.query();
    double[] mappedQuery = mappedQuery(plan.map(), query, pair.queryIndex());
    double[] turnedQuery = rotate(mappedQuery, branch.query().at(pair.queryIndex()), plan.rotary());
    double[] turnedKey =
        rotate(mappedKey(plan.map(), pair.key()), branch.key().at(pair.keyIndex()), plan.rotary());
    if (plan.map() instanceof QueryKeyMap.Collinear(boolean slack) && slack) {
      turnedQuery = product(query, turnedQuery);
    }
    if (plan.map() instanceof QueryKeyMap.Decay decay) {
      double distance = branch.relativePosition(pair.queryIndex(), pair.keyIndex());
      turnedQuery = decayed(decay, turnedQuery, distance, plan.rotary().pairs());
    }
    double score =
        plan.scaleAt(pair.queryIndex()) * dot(turnedQuery, turnedKey) / Math.sqrt(query.length);
    double distance = branch.distance(pair.queryIndex(), pair.keyIndex());
    return plan.rule().capped(score) + plan.bias().at(head, pair.queryIndex(), distance);
  }

  /// `R^position x`: pair `m`, channels `m` and `m + pairs`, turned by `position · θ_m` and
  /// multiplied by the amplitude.
  public static double[] rotate(double[] vector, double position, RotaryTable rotary) {
    double[] rotated = vector.clone();
    int pairs = rotary.pairs();
    for (int pair = 0; pair < pairs; pair++) {
      double cos = rotary.amplitude() * Math.cos(position * rotary.frequency(pair));
      double sin = rotary.amplitude() * Math.sin(position * rotary.frequency(pair));
      rotated[pair] = vector[pair] * cos - vector[pair + pairs] * sin;
      rotated[pair + pairs] = vector[pair] * sin + vector[pair + pairs] * cos;
    }
    return rotated;
  }

  // The query before it turns.
  private static double[] mappedQuery(QueryKeyMap map, double[] query, long index) {
    return switch (map) {
      case QueryKeyMap.Normalize(boolean queries, boolean _) ->
          queries ? ofLength(query, Math.sqrt(query.length)) : query;
      case QueryKeyMap.Cosine(ScoreScale lambda) -> ofLength(query, lambda.at(index));
      case QueryKeyMap.Collinear(boolean slack) -> {
        if (slack) {
          yield query;
        }
        int half = query.length / 2;
        double[] squares = new double[query.length]; // (ρ², 0)
        for (int pair = 0; pair < half; pair++) {
          squares[pair] = query[pair] * query[pair] + query[pair + half] * query[pair + half];
        }
        yield squares;
      }
      case QueryKeyMap.Decay _ -> query;
    };
  }

  // The key before it turns.
  private static double[] mappedKey(QueryKeyMap map, double[] key) {
    return switch (map) {
      case QueryKeyMap.Normalize(boolean _, boolean keys) ->
          keys ? ofLength(key, Math.sqrt(key.length)) : key;
      case QueryKeyMap.Cosine _ -> ofLength(key, Math.sqrt(key.length));
      case QueryKeyMap.Collinear(boolean slack) -> {
        int half = key.length / 2;
        double[] tied = new double[key.length]; // (t, t) or (t, 0)
        for (int pair = 0; pair < half; pair++) {
          tied[pair] = Math.max(0, (key[pair] + key[pair + half]) / 2);
          tied[pair + half] = slack ? tied[pair] : 0;
        }
        yield tied;
      }
      case QueryKeyMap.Decay _ -> key;
    };
  }

  // ζ_m^(distance/scale) on both channels of each pair.
  private static double[] decayed(
      QueryKeyMap.Decay decay, double[] vector, double distance, int pairs) {
    double[] smaller = vector.clone();
    for (int pair = 0; pair < pairs; pair++) {
      double factor = Math.exp(distance * decay.rate(pair, pairs));
      smaller[pair] *= factor;
      smaller[pair + pairs] *= factor;
    }
    return smaller;
  }

  private static double[] ofLength(double[] vector, double length) {
    double own = Math.max(Math.sqrt(dot(vector, vector)), QueryKeyMap.MINIMUM_LENGTH);
    return Arrays.stream(vector).map(x -> length * x / own).toArray();
  }

  private static double[] product(double[] a, double[] b) {
    double[] products = new double[a.length];
    Arrays.setAll(products, i -> a[i] * b[i]);
    return products;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] doubles(Tensor tensor) {
    Tensor copy = tensor.detach().cpu().to(torch.ScalarType.Double).contiguous();
    double[] values = new double[(int) copy.numel()];
    DoubleBuffer buffer = copy.createBuffer();
    buffer.get(values);
    return values;
  }

  private static Tensor fromDoubles(double[] values, Tensor like) {
    long rows = like.size(0) * like.size(1) * like.size(2);
    long[] shape = {like.size(0), like.size(1), like.size(2), values.length / rows};
    return Tensor.create(values, shape).to(like.device(), like.scalar_type().intern());
  }

  /// One query and the weighted sum of what it has seen so far.
  private static final class Row {
    private final AttentionPlan plan;
    private final double[] query;
    private final long position;
    private final int head;
    private final double[] weighted;
    private final @Nullable KeySelection selection; // of the last query of a step
    private final List<Scored> candidates = new ArrayList<>();
    private double greatest = Double.NEGATIVE_INFINITY;
    private double total;

    private record Scored(double score, double[] value) {}

    Row(AttentionPlan plan, double[] query, long position, int head, int valueSize, boolean last) {
      this.plan = plan;
      this.query = query;
      this.position = position;
      this.head = head;
      this.weighted = new double[valueSize];
      this.selection = last ? plan.selection() : null;
      if (plan.rule().hasSinks()) { // as a key whose value is 0
        greatest = plan.rule().sink(head);
        total = 1;
      }
    }

    void see(long keyPosition, double[] key, double[] value) {
      Double score = score(plan, head, query, position, key, keyPosition);
      if (score != null) {
        weigh(score, value);
      } else if (selection != null
          && selection.candidates().region().contains(position, keyPosition)) {
        Pair pair = new Pair(query, position, key, keyPosition);
        candidates.add(new Scored(score(plan, selection.candidates(), head, pair), value));
      }
    }

    private void weigh(double score, double[] value) {
      switch (plan.rule().weighting()) {
        case SOFTMAX -> {
          double greater = Math.max(greatest, score);
          double weight = Math.exp(score - greater);
          add(Math.exp(greatest - greater), weight, value);
          total += weight;
          greatest = greater;
        }
        case SQUARED_RELU -> {
          double positive = Math.max(0, score);
          add(1, positive * positive, value);
          total += 1;
        }
      }
    }

    private void add(double shrink, double weight, double[] value) {
      for (int channel = 0; channel < weighted.length; channel++) {
        weighted[channel] = weighted[channel] * shrink + weight * value[channel];
      }
      total *= shrink;
    }

    double[] output() {
      if (selection != null) {
        candidates.stream()
            .sorted(Comparator.comparingDouble(Scored::score).reversed())
            .limit(selection.count())
            .forEach(chosen -> weigh(chosen.score(), chosen.value()));
      }
      return Arrays.stream(weighted).map(x -> x / total).toArray();
    }
  }
}
