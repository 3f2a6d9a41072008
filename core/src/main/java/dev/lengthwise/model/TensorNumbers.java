package dev.lengthwise.model;

import java.nio.DoubleBuffer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The numbers of small tensors.
final class TensorNumbers {

  private TensorNumbers() {}

  /// All elements, row-major; nothing of no tensor.
  static double[] doubles(@Nullable Tensor tensor) {
    if (tensor == null) {
      return new double[0];
    }
    try (PointerScope _ = new PointerScope()) {
      Tensor wide = tensor.detach().to(torch.ScalarType.Double).cpu().contiguous();
      DoubleBuffer buffer = wide.createBuffer();
      double[] values = new double[(int) wide.numel()];
      buffer.get(values);
      return values;
    }
  }
}
