package dev.lengthwise.diagnose;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.position.AttentionPlan;
import java.nio.DoubleBuffer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The scores of a layer on a text, in double precision, one query after the other.
final class ScoreRows {

  /// Scores at once: 32 MiB.
  private static final long AT_ONCE = 1L << 22;

  private ScoreRows() {}

  /// Takes the scores of one query.
  @FunctionalInterface
  interface Sink {

    /// Takes one row.
    ///
    /// @param scores one for each key of the text, −∞ for those that the plan does not hold; valid
    ///     until this returns
    void accept(int head, int query, double[] scores);
  }

  /// Gives every row of every head to `sink`.
  ///
  /// @param queries `[1, tokens, heads, headSize]`, not rotated
  /// @param keys `[1, tokens, keyValueHeads, headSize]`, not rotated
  static void forEach(AttentionPlan plan, Tensor queries, Tensor keys, Sink sink) {
    TorchAttention attention = new TorchAttention();
    int tokens = (int) queries.size(1);
    int heads = (int) queries.size(2);
    int rows = Math.clamp(AT_ONCE / ((long) heads * tokens), 1, tokens);
    double[] scores = new double[tokens];
    try (PointerScope _ = new PointerScope()) {
      Tensor wideQueries = queries.to(ScalarType.Double);
      Tensor wideKeys = keys.to(ScalarType.Double);
      KeyValueRows seen = KeyValueRows.fromStart(wideKeys, wideKeys);
      for (int from = 0; from < tokens; from += rows) {
        int count = Math.min(rows, tokens - from);
        try (PointerScope _ = new PointerScope()) {
          QueryRows part = new QueryRows(wideQueries.narrow(1, from, count), from);
          DoubleBuffer all = attention.scores(plan, part, seen).contiguous().createBuffer();
          for (int row = 0; row < heads * count; row++) {
            all.get(scores);
            sink.accept(row / count, from + row % count, scores);
          }
        }
      }
    }
  }
}
