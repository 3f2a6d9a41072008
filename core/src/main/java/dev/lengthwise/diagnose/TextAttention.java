package dev.lengthwise.diagnose;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.model.QueryKeyBiases;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.QueryKeyMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.ObjIntConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// The attention of a model on one text, layer by layer: what it does beyond the trained length
/// (Zhu et al. 2024, figure 11), and what biases on queries and keys do to it.
///
/// All pairs of all heads are looked at in double precision: time grows with the square of the
/// text, memory does not.
public final class TextAttention {

  private TextAttention() {}

  /// Takes what a layer asks of attention.
  @FunctionalInterface
  interface Sink {
    void accept(int layer, AttentionPlan plan, Tensor queries, Tensor keys);
  }

  /// The summary of one layer.
  ///
  /// @param queries `[1, tokens, heads, headSize]`, not rotated
  /// @param keys `[1, tokens, keyValueHeads, headSize]`, not rotated
  static AttentionSummary summary(
      InferenceModel inference,
      int layer,
      AttentionPlan plan,
      Tensor queries,
      Tensor keys,
      AttentionSummary.Zones zones) {
    AttentionTally tally =
        new AttentionTally(plan.rule(), zones, (int) queries.size(2), (int) queries.size(1));
    ScoreRows.forEach(plan, queries, keys, tally);
    QueryKeyBiases biases = QueryKeyBiases.of(inference.decoder(), layer);
    boolean inTerms = biases.isBiased() && plan.map().equals(QueryKeyMap.IDENTITY);
    return tally.summary(
        layer, inTerms ? ScoreTerms.of(layer, plan, queries, keys, biases) : List.of());
  }

  /// The terms of the scores of every layer that attends, at every distance that its plan sees.
  ///
  /// @param ids the text, at least one token
  public static List<ScoreTerms> terms(InferenceModel inference, int[] ids) {
    List<ScoreTerms> all = new ArrayList<>();
    read(
        inference,
        ids,
        _ -> true,
        (layer, plan, queries, keys) -> {
          QueryKeyBiases biases = QueryKeyBiases.of(inference.decoder(), layer);
          all.addAll(ScoreTerms.of(layer, plan, queries, keys, biases));
        },
        (_, _) -> {});
    return all;
  }

  /// Runs the text, and gives what the chosen layers ask of attention to `sink`.
  ///
  /// @param streams see [dev.lengthwise.model.Decoder#hidden]; of every layer
  static void read(
      InferenceModel inference,
      int[] ids,
      IntPredicate layers,
      Sink sink,
      ObjIntConsumer<Tensor> streams) {
    TorchAttention attention = new TorchAttention();
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    try (PointerScope _ = new PointerScope()) {
      inference
          .decoder()
          .hidden(
              Tensor.create(wide).view(1, ids.length),
              (layer, queries, keys, values) -> {
                AttentionPlan plan = inference.plan(layer, ids.length);
                if (layers.test(layer)) {
                  sink.accept(layer, plan, queries, keys);
                }
                return attention.attend(
                    plan, new QueryRows(queries, 0), KeyValueRows.fromStart(keys, values));
              },
              streams);
    }
  }
}
