package dev.lengthwise.attention;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The specification: double precision, one explicit rotation for each pair of query and key, plain
/// loops. Slow on purpose.
public final class ReferenceAttention implements Attention {

  @Override
  public Tensor attend(AttentionPlan plan, QueryRows queries, KeyValues given) {
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
          Row scored = new Row(plan, one, queries.firstPosition() + row, head, valueSize);
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
  /// @param query `[headSize]`
  /// @param key `[headSize]`
  public static @Nullable Double score(
      AttentionPlan plan, int head, double[] query, long queryIndex, double[] key, long keyIndex) {
    for (Branch branch : plan.branches()) {
      if (branch.region().contains(queryIndex, keyIndex)) {
        double[] turnedQuery = rotate(query, branch.query().at(queryIndex), plan.rotary());
        double[] turnedKey = rotate(key, branch.key().at(keyIndex), plan.rotary());
        return plan.scale().at(queryIndex) * dot(turnedQuery, turnedKey) / Math.sqrt(query.length)
            + plan.bias().at(head, branch.relativePosition(queryIndex, keyIndex));
      }
    }
    return null;
  }

  /// `R^position x`: pair `m`, channels `m` and `m + pairs`, turned by `position · θ_m`.
  public static double[] rotate(double[] vector, double position, RotaryTable rotary) {
    double[] turned = vector.clone();
    int pairs = rotary.pairs();
    for (int pair = 0; pair < pairs; pair++) {
      double cos = Math.cos(position * rotary.frequency(pair));
      double sin = Math.sin(position * rotary.frequency(pair));
      turned[pair] = vector[pair] * cos - vector[pair + pairs] * sin;
      turned[pair + pairs] = vector[pair] * sin + vector[pair + pairs] * cos;
    }
    return turned;
  }

  private static double[] mapped(double[] vector, boolean normalize) {
    if (!normalize) {
      return vector;
    }
    double length = Math.max(Math.sqrt(dot(vector, vector)), QueryKeyMap.Normalize.MINIMUM_LENGTH);
    return Arrays.stream(vector).map(x -> x / length).toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] doubles(Tensor tensor) {
    Tensor copy = tensor.detach().to(torch.ScalarType.Double).contiguous();
    double[] values = new double[(int) copy.numel()];
    DoubleBuffer buffer = copy.createBuffer();
    buffer.get(values);
    return values;
  }

  private static Tensor fromDoubles(double[] values, Tensor like) {
    long rows = like.size(0) * like.size(1) * like.size(2);
    long[] shape = {like.size(0), like.size(1), like.size(2), values.length / rows};
    return Tensor.create(values, shape).to(like.scalar_type());
  }

  /// One query and the weighted sum of what it has seen so far.
  private static final class Row {
    private final AttentionPlan plan;
    private final double[] query;
    private final long position;
    private final int head;
    private final double[] weighted;
    private double greatest = Double.NEGATIVE_INFINITY;
    private double total;

    Row(AttentionPlan plan, double[] query, long position, int head, int valueSize) {
      this.plan = plan;
      this.query = mapped(query, queriesNormalized(plan));
      this.position = position;
      this.head = head;
      this.weighted = new double[valueSize];
    }

    void see(long keyPosition, double[] key, double[] value) {
      double[] mappedKey = mapped(key, keysNormalized(plan));
      Double score = score(plan, head, query, position, mappedKey, keyPosition);
      if (score == null) {
        return;
      }
      switch (plan.weights()) {
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
      return Arrays.stream(weighted).map(x -> x / total).toArray();
    }

    private static boolean queriesNormalized(AttentionPlan plan) {
      return switch (plan.map()) {
        case QueryKeyMap.Normalize normalize -> normalize.queries();
      };
    }

    private static boolean keysNormalized(AttentionPlan plan) {
      return switch (plan.map()) {
        case QueryKeyMap.Normalize normalize -> normalize.keys();
      };
    }
  }
}
