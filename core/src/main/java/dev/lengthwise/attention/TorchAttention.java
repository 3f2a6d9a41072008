package dev.lengthwise.attention;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import dev.lengthwise.position.ScoreWeights;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The engine of libtorch operations: differentiable, on any device.
///
/// Scores, weights and value product run in f32, or in f64 when the queries are f64. A plan of one
/// plain causal branch over a text from its start runs in libtorch's fused attention; every other
/// plan as products, masks and a softmax, in blocks of query rows that bound the memory of a long
/// text.
///
/// An instance keeps the rotary tables of recent calls, so it belongs to one thread at a time.
public final class TorchAttention implements Attention {

  /// Scores of one block of query rows; more than 64 MiB in f32 only where one row needs more.
  private static final long MAXIMUM_SCORES = 1L << 24;

  private static final ScalarTypeOptional NO_TYPE = new ScalarTypeOptional();

  private final PositionTables tables = new PositionTables();

  /// A part of a call that is mapped, but not rotated.
  ///
  /// @param queries the rows, scaled by `s(i)`
  /// @param keys `[batch, keys, keyValueHeads, headSize]`
  /// @param values `[batch, keys, keyValueHeads, valueSize]`
  /// @param spans where the keys stand; their rows no longer count
  private record Call(
      AttentionPlan plan, QueryRows queries, Tensor keys, Tensor values, List<KeySpan> spans) {

    int rows() {
      return queries.rows();
    }

    KeySpan queryPlaces() {
      return new KeySpan(queries.firstPosition(), 0, rows());
    }

    Call rows(int from, int count) {
      Tensor part = queries.tensor().narrow(1, from, count);
      return new Call(
          plan, new QueryRows(part, queries.firstPosition() + from), keys, values, spans);
    }
  }

  @Override
  public Tensor attend(AttentionPlan plan, QueryRows queries, KeyValues given) {
    KeyValueRows keyValues = given.rows();
    ScalarType type = queries.tensor().scalar_type().intern();
    ScalarType inner = type == ScalarType.Double ? ScalarType.Double : ScalarType.Float;
    Tensor mapped =
        plan.map() instanceof QueryKeyMap.Normalize map && map.queries()
            ? normalized(queries.tensor().to(inner))
            : queries.tensor().to(inner);
    Tensor keys = rowsOf(keyValues.keys(), keyValues.spans()).to(inner);
    Call call =
        new Call(
            plan,
            new QueryRows(
                scaled(mapped, plan.scale(), queries.firstPosition()), queries.firstPosition()),
            plan.map() instanceof QueryKeyMap.Normalize map && map.keys() ? normalized(keys) : keys,
            rowsOf(keyValues.values(), keyValues.spans()).to(inner),
            keyValues.spans());
    Tensor attended = isPlainFromStart(call) ? fused(call) : inBlocks(call);
    return type == inner ? attended : attended.to(type);
  }

  // ---- maps

  private static Tensor normalized(Tensor vectors) {
    Tensor length = vectors.norm(new ScalarOptional(new Scalar(2.0)), new long[] {-1}, true);
    return vectors.div(length.clamp_min(new Scalar(QueryKeyMap.Normalize.MINIMUM_LENGTH)));
  }

  private static Tensor scaled(Tensor queries, ScoreScale scale, long firstPosition) {
    return switch (scale) {
      case ScoreScale.Constant(double value) ->
          value == 1 ? queries : queries.mul(new Scalar(value));
      case ScoreScale.LogLength logLength -> {
        double[] factors = new double[(int) queries.size(1)];
        for (int row = 0; row < factors.length; row++) {
          factors[row] = logLength.at(firstPosition + row);
        }
        Tensor column = Tensor.create(factors, factors.length, 1, 1);
        yield queries.mul(column.to(queries.device(), queries.scalar_type()));
      }
    };
  }

  /// The rows of `spans`, one after the other.
  private static Tensor rowsOf(Tensor tensor, List<KeySpan> spans) {
    if (spans.size() == 1) {
      KeySpan only = spans.getFirst();
      return only.firstRow() == 0 && only.count() == tensor.size(1)
          ? tensor
          : tensor.narrow(1, only.firstRow(), only.count());
    }
    TensorVector parts = new TensorVector();
    spans.forEach(span -> parts.push_back(tensor.narrow(1, span.firstRow(), span.count())));
    return torch.cat(parts, 1);
  }

  /// `tensor` with every token turned to its place under `map`.
  private Tensor turned(
      Tensor tensor, RotaryTable rotary, PositionMap map, List<KeySpan> positions) {
    int pairs = rotary.pairs();
    if (pairs == 0) {
      return tensor;
    }
    PositionTables.Turn turn = tables.of(rotary, map, positions, tensor);
    Tensor first = tensor.narrow(3, 0, pairs);
    Tensor second = tensor.narrow(3, pairs, pairs);
    TensorVector parts = new TensorVector();
    parts.push_back(first.mul(turn.cosine()).addcmul(second, turn.sine(), new Scalar(-1.0)));
    parts.push_back(second.mul(turn.cosine()).addcmul(first, turn.sine()));
    long still = tensor.size(3) - 2L * pairs;
    if (still > 0) {
      parts.push_back(tensor.narrow(3, 2L * pairs, still));
    }
    return torch.cat(parts, 3);
  }

  /// `[batch, keys, keyValueHeads, headSize]` → `[batch, heads, keys, headSize]`.
  private static Tensor expanded(Tensor rows, int heads) {
    long keyValueHeads = rows.size(2);
    Tensor perHead = rows.transpose(1, 2);
    return keyValueHeads == heads
        ? perHead
        : perHead
            .unsqueeze(2)
            .expand(rows.size(0), keyValueHeads, heads / keyValueHeads, rows.size(1), rows.size(3))
            .reshape(rows.size(0), heads, rows.size(1), rows.size(3));
  }

  // ---- one plain causal branch

  private static boolean isPlainFromStart(Call call) {
    KeySpan first = call.spans().getFirst();
    return call.plan().branches().equals(List.of(Branch.PLAIN))
        && call.plan().bias().equals(ScoreBias.NONE)
        && call.plan().weights() == ScoreWeights.SOFTMAX
        && call.queries().firstPosition() == 0
        && call.spans().size() == 1
        && first.firstPosition() == 0
        && first.count() == call.rows();
  }

  private Tensor fused(Call call) {
    RotaryTable rotary = call.plan().rotary();
    Tensor queries =
        turned(call.queries().tensor(), rotary, PositionMap.IDENTITY, List.of(call.queryPlaces()));
    Tensor keys = turned(call.keys(), rotary, PositionMap.IDENTITY, call.spans());
    int heads = call.queries().heads();
    return torch
        .scaled_dot_product_attention(
            queries.transpose(1, 2),
            expanded(keys, heads),
            expanded(call.values(), heads),
            new TensorOptional(),
            0,
            true,
            new DoubleOptional(1 / Math.sqrt(call.queries().headSize())),
            false)
        .transpose(1, 2);
  }

  // ---- any plan

  private Tensor inBlocks(Call call) {
    long scoresOfRow = (long) call.queries().batch() * call.queries().heads() * call.keys().size(1);
    int rowsOfBlock = Math.clamp(MAXIMUM_SCORES / scoresOfRow, 1, call.rows());
    TensorVector blocks = new TensorVector();
    for (int row = 0; row < call.rows(); row += rowsOfBlock) {
      try (PointerScope _ = new PointerScope()) {
        blocks.push_back(block(call.rows(row, Math.min(rowsOfBlock, call.rows() - row))));
      }
    }
    return torch.cat(blocks, 1);
  }

  // [batch, rows, heads, valueSize]
  private Tensor block(Call call) {
    Tensor values = expanded(call.values(), call.queries().heads());
    PairPlaces places = PairPlaces.of(call.queryPlaces(), call.spans(), call.keys());
    Tensor scores = null; // [batch, heads, rows, keys]
    for (Branch branch : call.plan().branches()) {
      Tensor ofBranch = scores(call, branch, places);
      Tensor inside = places.inside(branch.region());
      scores =
          scores == null
              ? torch.where(inside, ofBranch, new Scalar(Double.NEGATIVE_INFINITY))
              : torch.where(inside, ofBranch, scores);
    }
    return weights(call.plan(), scores).matmul(values).transpose(1, 2);
  }

  private static Tensor weights(AttentionPlan plan, Tensor scores) {
    return switch (plan.weights()) {
      case SOFTMAX -> torch.softmax(scores, -1);
      case SQUARED_RELU -> {
        Tensor seen = scores.isneginf().logical_not();
        yield torch.relu(scores).square().div(seen.sum(new long[] {-1}, true, NO_TYPE));
      }
    };
  }

  private Tensor scores(Call call, Branch branch, PairPlaces places) {
    RotaryTable rotary = call.plan().rotary();
    Tensor queries =
        turned(call.queries().tensor(), rotary, branch.query(), List.of(call.queryPlaces()));
    Tensor keys = turned(call.keys(), rotary, branch.key(), call.spans());
    Tensor products =
        queries
            .transpose(1, 2)
            .matmul(expanded(keys, call.queries().heads()).transpose(2, 3))
            .mul(new Scalar(1 / Math.sqrt(call.queries().headSize())));
    return switch (call.plan().bias()) {
      case ScoreBias.None _ -> products;
      case ScoreBias.Linear linear -> products.add(places.bias(linear, branch));
    };
  }
}
