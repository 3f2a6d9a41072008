package dev.lengthwise.train;

import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.LayerAttention;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.RecomputedLayers;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.train.data.WindowBatch;
import java.util.Arrays;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The forward and backward passes of a model in training.
final class TrainedModel {

  /// `at::Reduction::Sum`.
  private static final long SUM = 2;

  // Where at least one of so many tokens is a target, all have logits.
  private static final int FEW = 4;

  private final Parameters parameters;
  private final TrainingPlans plans;
  private final ScalarType type;
  private final boolean recomputes;

  /// @param type type of matrix products
  /// @param recomputes whether the backward pass computes layers again ([RecomputedLayers])
  TrainedModel(
      ModelSpec spec,
      Parameters parameters,
      PositionMethod method,
      ScalarType type,
      boolean recomputes) {
    this(
        parameters,
        new TrainingPlans(spec, method, spec.shape().trainedLength()),
        type,
        recomputes);
  }

  /// @param plans for windows of the length of the training
  TrainedModel(Parameters parameters, TrainingPlans plans, ScalarType type, boolean recomputes) {
    this.parameters = parameters;
    this.plans = plans;
    this.type = type;
    this.recomputes = recomputes;
  }

  /// The loss and gradients of a micro-batch.
  ///
  /// @param loss `weight` times the sum of the losses, in nats
  /// @param gradients in the order of the parameters; owned by the receiver
  record Pass(double loss, TensorVector gradients) {}

  /// The gradients of `weight` times the sum of the losses of all targets.
  ///
  /// @param seeds one for each window: [TrainingPlans#seeds]
  Pass pass(WindowBatch batch, long[] seeds, double weight, TorchAttention attention) {
    try (PointerScope _ = new PointerScope()) {
      if (recomputes) {
        return recomputed(batch, weight, training(seeds, attention));
      }
      Tensor loss = trainingLoss(batch, seeds, weight, attention);
      TensorVector gradients = parameters.gradients(loss, parameters.vector(), Set.of());
      return new Pass(loss.item_double(), gradients.retainReference());
    }
  }

  /// `weight` times the sum of the losses of all targets, under the plans of training, with what
  /// its gradients need.
  Tensor trainingLoss(WindowBatch batch, long[] seeds, double weight, TorchAttention attention) {
    return loss(batch, training(seeds, attention)).mul(new Scalar(weight));
  }

  private LayerAttention training(long[] seeds, TorchAttention attention) {
    return plans.training(attention, seeds, parameters::planTensors);
  }

  private Pass recomputed(WindowBatch batch, double weight, LayerAttention attention) {
    RecomputedLayers layers = parameters.recomputed(type, attention);
    RecomputedLayers.Result result =
        layers.gradients(
            inputs(batch),
            hidden -> loss(batch, layers::logits, hidden).mul(new Scalar(weight)),
            parameters.vector());
    return new Pass(result.loss(), parameters.completed(result.gradients()).retainReference());
  }

  /// The sum of the losses of all targets, in nats, under the method as it runs.
  double evaluate(WindowBatch batch, TorchAttention attention) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      return loss(batch, running(attention)).item_double();
    }
  }

  private LayerAttention running(TorchAttention attention) {
    return plans.running(attention, parameters::planTensors);
  }

  private Tensor loss(WindowBatch batch, LayerAttention attention) {
    Decoder decoder = parameters.decoder(type);
    return loss(batch, decoder::logits, decoder.hidden(inputs(batch), attention));
  }

  private Tensor inputs(WindowBatch batch) {
    return placed(Tensor.create(batch.inputs(), batch.sequences(), batch.length()));
  }

  private Tensor placed(Tensor tensor) {
    return parameters.device().place(tensor);
  }

  // Of final hidden states, [sequences, length, hidden]. Where few tokens are targets, as of masked
  // ones, only these have logits.
  private Tensor loss(WindowBatch batch, UnaryOperator<Tensor> head, Tensor hidden) {
    long[] targets = batch.targets();
    Tensor states = hidden.flatten(0, 1);
    if (batch.scored() > 0 && FEW * batch.scored() < targets.length) {
      long[] places =
          LongStream.range(0, targets.length)
              .filter(place -> batch.targets()[(int) place] != WindowBatch.IGNORED)
              .toArray();
      states = states.index_select(0, placed(Tensor.create(places)));
      targets = Arrays.stream(places).map(place -> batch.targets()[(int) place]).toArray();
    }
    Tensor logits = head.apply(states); // [targets, vocabulary]
    return torch.cross_entropy_loss(
        logits, placed(Tensor.create(targets)), new TensorOptional(), SUM, WindowBatch.IGNORED, 0);
  }

  /// The most likely id after each of the last `last` ids.
  int[] mostLikely(int[] text, int last, TorchAttention attention) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      long[] row = Arrays.stream(text).asLongStream().toArray();
      Decoder decoder = parameters.decoder(type);
      Tensor ids = placed(Tensor.create(row, 1, row.length));
      Tensor hidden = decoder.hidden(ids, running(attention));
      Tensor logits =
          decoder.logits(hidden.narrow(1, row.length - (long) last, last)).view(last, -1);
      int[] best = new int[last];
      for (int place = 0; place < last; place++) {
        best[place] = logits.select(0, place).argmax().item().toInt();
      }
      return best;
    }
  }
}
