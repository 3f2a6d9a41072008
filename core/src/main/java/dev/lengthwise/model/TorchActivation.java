package dev.lengthwise.model;

import dev.lengthwise.matrix.Activation;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// [Activation] in libtorch.
final class TorchActivation {

  private static final double GATE_SLOPE = 1.702;

  private TorchActivation() {}

  static Tensor of(Activation activation, Tensor x) {
    return switch (activation) {
      case SILU -> torch.silu(x);
      case GELU -> torch.gelu(x);
      case GELU_TANH -> torch.gelu(x, "tanh");
      case TANH -> torch.tanh(x);
      case RELU -> torch.relu(x);
      case RELU_SQUARED -> torch.relu(x).square();
      case SIGMOID_1702 -> x.mul(torch.sigmoid(x.mul(new Scalar(GATE_SLOPE))));
    };
  }
}
