package dev.lengthwise.diagnose;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.TorchAttention;
import dev.lengthwise.generate.Runner;
import dev.lengthwise.model.QueryKeyBiases;
import dev.lengthwise.position.AttentionPlan;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The scores of a model on one text, by layer and distance: what attention sees beyond the trained
/// length (Zhu et al. 2024, figure 11), and what biases on queries and keys do to it.
public final class TextScores {

  private TextScores() {}

  /// The terms of every layer that attends, at every distance that its plan sees. In double
  /// precision and pair by pair: a text of a thousand tokens takes a minute.
  ///
  /// @param ids the text, at least one token
  public static List<ScoreTerms> of(Runner runner, int[] ids) {
    List<ScoreTerms> all = new ArrayList<>();
    TorchAttention attention = new TorchAttention();
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    try (PointerScope _ = new PointerScope()) {
      runner
          .decoder()
          .hidden(
              Tensor.create(wide).view(1, ids.length),
              (layer, queries, keys, values) -> {
                AttentionPlan plan = runner.plan(layer, ids.length);
                all.addAll(ScoreTerms.of(layer, plan, heads(runner, layer, queries, keys)));
                return attention.attend(
                    plan, new QueryRows(queries, 0), KeyValueRows.fromStart(keys, values));
              });
    }
    return all;
  }

  private static List<ScoreTerms.Head> heads(
      Runner runner, int layer, Tensor queries, Tensor keys) {
    QueryKeyBiases biases = QueryKeyBiases.of(runner.decoder(), layer);
    int heads = (int) queries.size(2);
    int keyHeads = (int) keys.size(2);
    List<ScoreTerms.Head> all = new ArrayList<>();
    for (int head = 0; head < heads; head++) {
      int keyHead = head / (heads / keyHeads);
      all.add(
          new ScoreTerms.Head(
              rows(queries, head),
              rows(keys, keyHead),
              biases.query()[head],
              biases.key()[keyHead]));
    }
    return all;
  }

  // [1, tokens, heads, size] → [tokens][size]
  private static double[][] rows(Tensor projected, int head) {
    Tensor own = projected.select(0, 0).select(1, head).to(torch.ScalarType.Double).contiguous();
    DoubleBuffer buffer = own.createBuffer();
    double[][] rows = new double[(int) own.size(0)][(int) own.size(1)];
    for (double[] row : rows) {
      buffer.get(row);
    }
    return rows;
  }
}
