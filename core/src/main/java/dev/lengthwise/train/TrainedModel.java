package dev.lengthwise.train;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.TorchAttention;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.LayerAttention;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The forward and backward passes of a model in training.
final class TrainedModel {

  private final Parameters parameters;
  private final List<AttentionPlan> plans = new ArrayList<>();
  private final ScalarType type;

  /// @param type type of matrix products
  TrainedModel(ModelSpec spec, Parameters parameters, PositionMethod method, ScalarType type) {
    this.parameters = parameters;
    this.type = type;
    PlanFunction function = new PlanFunction(spec.shape(), method, method);
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      plans.add(function.plan(layer, spec.shape().trainedLength()).with(spec.scoreWeights(layer)));
    }
  }

  /// The loss and gradients of a micro-batch.
  ///
  /// @param loss mean loss in nats per token
  /// @param gradients in the order of the parameters; owned by the receiver
  record Pass(double loss, TensorVector gradients) {}

  /// The gradients of `weight` times the mean loss of `sequences` windows.
  ///
  /// @param ids the windows, each one id longer than it is deep
  Pass pass(long[] ids, int sequences, double weight, TorchAttention attention) {
    try (PointerScope _ = new PointerScope()) {
      Tensor loss = loss(ids, sequences, attention);
      TensorVector outputs = new TensorVector(loss.mul(new Scalar(weight)));
      TensorVector gradients = torch.grad(outputs, parameters.vector());
      gradients.retainReference();
      return new Pass(loss.item_double(), gradients);
    }
  }

  /// The mean loss of `sequences` windows.
  double evaluate(long[] ids, int sequences, TorchAttention attention) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      return loss(ids, sequences, attention).item_double();
    }
  }

  private Tensor loss(long[] ids, int sequences, TorchAttention attention) {
    int length = ids.length / sequences - 1;
    Tensor windows = Tensor.create(ids, sequences, length + 1L);
    Decoder decoder = parameters.decoder(type);
    Tensor hidden = // [sequences, length, hidden]
        decoder.hidden(windows.narrow(1, 0, length), layers(attention));
    Tensor logits = decoder.logits(hidden.flatten(0, 1)); // [sequences · length, vocabulary]
    return torch.cross_entropy_loss(logits, windows.narrow(1, 1, length).reshape(-1));
  }

  /// The most likely id after each of the last `last` ids.
  int[] mostLikely(int[] ids, int last, TorchAttention attention) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      long[] row = Arrays.stream(ids).asLongStream().toArray();
      Decoder decoder = parameters.decoder(type);
      Tensor hidden = decoder.hidden(Tensor.create(row, 1, row.length), layers(attention));
      Tensor logits =
          decoder.logits(hidden.narrow(1, row.length - (long) last, last)).view(last, -1);
      int[] best = new int[last];
      for (int place = 0; place < last; place++) {
        best[place] = logits.select(0, place).argmax().item().toInt();
      }
      return best;
    }
  }

  private LayerAttention layers(TorchAttention attention) {
    return (layer, queries, keys, values) ->
        attention.attend(
            plans.get(layer), new QueryRows(queries, 0), KeyValueRows.fromStart(keys, values));
  }
}
