package dev.lengthwise.diagnose;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.TorchAttention;
import dev.lengthwise.generate.Runner;
import dev.lengthwise.model.QueryKeyBiases;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.QueryKeyMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
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
  private interface Sink {
    void accept(int layer, AttentionPlan plan, Tensor queries, Tensor keys);
  }

  /// The summary of every chosen layer that attends.
  ///
  /// @param ids the text, at least one token
  /// @param layers which layers, by index
  public static List<AttentionSummary> of(
      Runner runner, int[] ids, IntPredicate layers, AttentionSummary.Zones zones) {
    List<AttentionSummary> all = new ArrayList<>();
    read(
        runner,
        ids,
        layers,
        (layer, plan, queries, keys) -> {
          AttentionTally tally =
              new AttentionTally(plan.weights(), zones, (int) queries.size(2), ids.length);
          ScoreRows.forEach(plan, queries, keys, tally);
          QueryKeyBiases biases = QueryKeyBiases.of(runner.decoder(), layer);
          boolean inTerms = biases.isBiased() && plan.map().equals(QueryKeyMap.IDENTITY);
          all.add(
              tally.summary(
                  layer, inTerms ? ScoreTerms.of(layer, plan, queries, keys, biases) : List.of()));
        });
    return all;
  }

  /// The terms of the scores of every layer that attends, at every distance that its plan sees.
  ///
  /// @param ids the text, at least one token
  public static List<ScoreTerms> terms(Runner runner, int[] ids) {
    List<ScoreTerms> all = new ArrayList<>();
    read(
        runner,
        ids,
        _ -> true,
        (layer, plan, queries, keys) -> {
          QueryKeyBiases biases = QueryKeyBiases.of(runner.decoder(), layer);
          all.addAll(ScoreTerms.of(layer, plan, queries, keys, biases));
        });
    return all;
  }

  private static void read(Runner runner, int[] ids, IntPredicate layers, Sink sink) {
    TorchAttention attention = new TorchAttention();
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    try (PointerScope _ = new PointerScope()) {
      runner
          .decoder()
          .hidden(
              Tensor.create(wide).view(1, ids.length),
              (layer, queries, keys, values) -> {
                AttentionPlan plan = runner.plan(layer, ids.length);
                if (layers.test(layer)) {
                  sink.accept(layer, plan, queries, keys);
                }
                return attention.attend(
                    plan, new QueryRows(queries, 0), KeyValueRows.fromStart(keys, values));
              });
    }
  }
}
