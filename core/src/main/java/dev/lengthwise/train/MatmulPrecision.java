package dev.lengthwise.train;

import dev.lengthwise.torch.ComputeDevice;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Decides between f32 and bfloat16 matrix products by trying a linear layer in both: processors
/// without bfloat16 instructions emulate them many times slower. GPUs take bfloat16.
final class MatmulPrecision {

  private static final int SIZE = 384;
  private static final int TRIALS = 5;

  private MatmulPrecision() {}

  /// The type to multiply in.
  static ScalarType choose(TrainConfig.Precision precision, ComputeDevice device) {
    return switch (precision) {
      case F32 -> ScalarType.Float;
      case BF16 -> ScalarType.BFloat16;
      case AUTO ->
          device.isCuda() || nanoseconds(ScalarType.BFloat16) < nanoseconds(ScalarType.Float)
              ? ScalarType.BFloat16
              : ScalarType.Float;
    };
  }

  private static long nanoseconds(ScalarType type) {
    try (PointerScope _ = new PointerScope()) {
      Tensor input = torch.ones(SIZE, SIZE).to(type);
      Tensor weight = torch.ones(SIZE, SIZE).to(type);
      long best = Long.MAX_VALUE;
      for (int trial = 0; trial < TRIALS; trial++) {
        long start = System.nanoTime();
        torch.linear(input, weight);
        best = Math.min(best, System.nanoTime() - start);
      }
      return best;
    }
  }
}
