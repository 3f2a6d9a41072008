package dev.lengthwise.train.distributed;

import dev.lengthwise.train.optimise.Optimizer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Brings the gradients of a step to the optimiser: straight away where one process trains;
/// otherwise as their sum over all processes, in one message a step.
public final class GradientExchange {

  private final DataParallel processes;
  private final Optimizer optimizer;
  private final List<long[]> shapes = new ArrayList<>();
  private @Nullable Tensor sum; // of this process's gradients in the step so far, one after another

  /// @param weights in the order of the gradients
  public GradientExchange(DataParallel processes, Optimizer optimizer, Iterable<Tensor> weights) {
    this.processes = processes;
    this.optimizer = optimizer;
    weights.forEach(weight -> shapes.add(weight.shape()));
  }

  /// Adds the gradients of one micro-batch of this process.
  public void add(TensorVector gradients) {
    if (processes.size() == 1) {
      optimizer.add(gradients);
      return;
    }
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      TensorVector flat = new TensorVector();
      for (Tensor gradient : gradients.get()) {
        flat.push_back(gradient.flatten());
      }
      Tensor all = torch.cat(flat, 0);
      if (sum == null) {
        sum = all.retainReference();
      } else {
        sum.add_(all);
      }
    }
  }

  /// Ends the exchange of a step: the optimiser has all gradients.
  ///
  /// @param loss this process's share of the loss of the step
  /// @return the sum of the shares
  public double finish(double loss) {
    Tensor own = sum;
    if (own == null) {
      return loss;
    }
    sum = null;
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      // Two floats hold the loss to 48 bits.
      float high = (float) loss;
      float low = (float) (loss - high);
      Tensor losses = processes.device().place(Tensor.create(new float[] {high, low}, 2));
      Tensor message = torch.cat(new TensorVector(losses, own), 0);
      processes.sum(message);
      TensorVector gradients = new TensorVector();
      long from = 2;
      for (long[] shape : shapes) {
        long size = 1;
        for (long dimension : shape) {
          size *= dimension;
        }
        gradients.push_back(message.narrow(0, from, size).view(shape).clone());
        from += size;
      }
      optimizer.add(gradients);
      return (double) message.get(0).item_float() + message.get(1).item_float();
    } finally {
      own.releaseReference();
    }
  }
}
