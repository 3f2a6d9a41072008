package dev.lengthwise.train;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The sum of gradients and losses over the processes of a training, in one message a step.
final class GradientExchange {

  private final DataParallel processes;

  GradientExchange(DataParallel processes) {
    this.processes = processes;
  }

  /// Replaces every gradient by its sum over the processes.
  ///
  /// @param gradients f32
  /// @param loss this process's share of the loss
  /// @return the sum of the shares
  double sum(List<Tensor> gradients, double loss) {
    if (processes.size() == 1) {
      return loss;
    }
    try (PointerScope _ = new PointerScope()) {
      // Two floats hold the loss to 48 bits.
      float high = (float) loss;
      float low = (float) (loss - high);
      TensorVector parts = new TensorVector(Tensor.create(new float[] {high, low}, 2));
      gradients.forEach(gradient -> parts.push_back(gradient.flatten()));
      Tensor message = torch.cat(parts, 0);
      processes.sum(message);
      long from = 2;
      for (Tensor gradient : gradients) {
        gradient.copy_(message.narrow(0, from, gradient.numel()).view_as(gradient));
        from += gradient.numel();
      }
      return (double) message.get(0).item_float() + message.get(1).item_float();
    }
  }
}
