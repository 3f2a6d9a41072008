package dev.lengthwise.attention.torch;

import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.position.AttentionPlan;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// A part of a call of [TorchAttention] that is mapped, but not rotated.
///
/// @param plan what to do
/// @param queries the rows, not scaled by `s(i)`
/// @param keys `[batch, keys, keyValueHeads, headSize]`
/// @param values `[batch, keys, keyValueHeads, valueSize]`, of the type of products
/// @param spans where the keys stand, in the order of their rows
/// @param trained what takes the place of the plan's learned numbers
record TorchCall(
    AttentionPlan plan,
    QueryRows queries,
    Tensor keys,
    Tensor values,
    List<KeySpan> spans,
    Map<String, Tensor> trained) {

  /// Blocks of so many rows are not cut further for keys that only some of their rows see.
  private static final int FEW_ROWS = 64;

  int rows() {
    return queries.rows();
  }

  /// The same call for rows that end no step.
  TorchCall withoutSelection() {
    return new TorchCall(plan.withoutSelection(), queries, keys, values, spans, trained);
  }

  KeySpan queryPlaces() {
    return new KeySpan(queries.firstPosition(), 0, rows());
  }

  /// `count` rows from `from` on, with those keys that some of them may see.
  TorchCall rows(int from, int count) {
    QueryRows part =
        new QueryRows(queries.tensor().narrow(1, from, count), queries.firstPosition() + from);
    List<KeySpan> seen = visible(from, count).within(spans);
    long keyCount = seen.stream().mapToLong(KeySpan::count).sum();
    return keyCount == 0 || keyCount == keys.size(1)
        ? new TorchCall(plan, part, keys, values, spans, trained)
        : new TorchCall(plan, part, rowsOf(keys, seen), rowsOf(values, seen), seen, trained);
  }

  /// How many rows from `from` on make one block: no more than bound its scores, and so few that
  /// most keys that some row sees are seen by all. So a window or a Λ-shaped mask takes time in
  /// proportion to the number of rows.
  ///
  /// @param most greatest number of rows
  /// @param mostPairs greatest number of pairs of a row and a key
  int rowsOfBlock(int from, int most, long mostPairs) {
    int rows = most;
    while (rows > 1 && (rows * keyCount(from, rows) > mostPairs || sparse(from, rows))) {
      rows = (rows + 1) / 2;
    }
    return rows;
  }

  private boolean sparse(int from, int rows) {
    return rows > FEW_ROWS
        && keyCount(from, rows) > 2 * Math.max(keyCount(from, 1), keyCount(from + rows - 1, 1));
  }

  private long keyCount(int from, int rows) {
    return visible(from, rows).count(spans);
  }

  private VisibleKeys visible(int from, int rows) {
    long first = queries.firstPosition() + from;
    return VisibleKeys.of(plan, first, first + rows - 1);
  }

  /// `tensor`'s rows of `spans`, one after the other; no copy where they lie so.
  static Tensor rowsOf(Tensor tensor, List<KeySpan> spans) {
    int first = spans.getFirst().firstRow();
    int next = first;
    boolean consecutive = true;
    for (KeySpan span : spans) {
      consecutive &= span.firstRow() == next;
      next += span.count();
    }
    if (consecutive) {
      return first == 0 && next == tensor.size(1) ? tensor : tensor.narrow(1, first, next - first);
    }
    TensorVector parts = new TensorVector();
    spans.forEach(span -> parts.push_back(tensor.narrow(1, span.firstRow(), span.count())));
    return torch.cat(parts, 1);
  }
}
