package dev.lengthwise.train;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.model.LayerAttention;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.ScoreRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The plans of a model in training: those of [PositionMethod#training] for the windows that it
/// learns from, those of the method itself for validation.
///
/// A method that draws positions has a draw for each window, which depends on the seed of the
/// training, the step and the number of the window only.
final class TrainingPlans {

  private final ModelSpec spec;
  private final long length;
  private final PositionMethod training;
  private final List<AttentionPlan> ofWindows;
  private final List<AttentionPlan> ofMethod;

  /// @param length tokens of a window
  TrainingPlans(ModelSpec spec, PositionMethod method, long length) {
    this.spec = spec;
    this.length = length;
    this.training = method.training();
    this.ofWindows = plans(training);
    this.ofMethod = plans(method);
  }

  /// Checks that the layers of a model can have a method; `LengthwiseException` otherwise.
  static void check(ModelSpec spec, long length) {
    TrainingPlans _ = new TrainingPlans(spec, spec.declared(), length);
  }

  private List<AttentionPlan> plans(PositionMethod method) {
    PlanFunction function = new PlanFunction(spec.shape(), method, method);
    List<AttentionPlan> plans = new ArrayList<>();
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      ScoreRule rule = spec.scores(layer, new double[sinks(layer)]);
      plans.add(spec.planOf(layer, function.plan(layer, length), rule, length));
    }
    return plans;
  }

  // Tensors take the place of their numbers, whatever these are.
  private int sinks(int layer) {
    return spec.layers().get(layer).mixer() instanceof Mixer.Attention own && own.scores().sinks()
        ? own.heads()
        : 0;
  }

  /// The seeds of the draws of micro-batch `part` of `step`, one for each window.
  static long[] seeds(TrainingSettings config, int step, int part) {
    long[] seeds = new long[config.batch().sequences()];
    for (int sequence = 0; sequence < seeds.length; sequence++) {
      long window = (long) step * config.batch().windows() + (long) part * seeds.length + sequence;
      // Not the numbers that choose the text of the window.
      seeds[sequence] = new CounterRandom(~config.seed(), window).nextLong();
    }
    return seeds;
  }

  /// Attention of the method itself.
  ///
  /// @param learned what a layer's plan learns, by the names of `LearnedParameter` and
  ///     [ScoreRule#SINKS]
  LayerAttention running(TorchAttention attention, IntFunction<Map<String, Tensor>> learned) {
    return shared(ofMethod, attention, learned);
  }

  /// Attention in training.
  ///
  /// @param seeds decide the positions of each window, where the method draws them
  /// @param learned as for [#running]
  LayerAttention training(
      TorchAttention attention, long[] seeds, IntFunction<Map<String, Tensor>> learned) {
    if (!training.drawsPositions()) {
      return shared(ofWindows, attention, learned);
    }
    List<List<AttentionPlan>> drawn = new ArrayList<>();
    for (long seed : seeds) {
      drawn.add(plans(training.drawn(seed)));
    }
    return (layer, queries, keys, values) -> {
      TensorVector windows = new TensorVector();
      for (int window = 0; window < seeds.length; window++) {
        windows.push_back(
            attention.attend(
                drawn.get(window).get(layer),
                new QueryRows(queries.narrow(0, window, 1), 0),
                KeyValueRows.fromStart(keys.narrow(0, window, 1), values.narrow(0, window, 1)),
                learned.apply(layer)));
      }
      return torch.cat(windows, 0);
    };
  }

  private static LayerAttention shared(
      List<AttentionPlan> plans,
      TorchAttention attention,
      IntFunction<Map<String, Tensor>> learned) {
    return (layer, queries, keys, values) ->
        attention.attend(
            plans.get(layer),
            new QueryRows(queries, 0),
            KeyValueRows.fromStart(keys, values),
            learned.apply(layer));
  }
}
