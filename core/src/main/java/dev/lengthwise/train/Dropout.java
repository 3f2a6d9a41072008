package dev.lengthwise.train;

import dev.lengthwise.parallel.CounterRandom;
import org.bytedeco.pytorch.Tensor;

/// Sets a share of numbers to 0 and makes the others greater, so that the mean stays. Which they
/// are depends on seed and step, and on how many were asked about before in the step.
///
/// Source: N. Srivastava et al. 2014, "Dropout".
final class Dropout {

  private final double share;
  private final CounterRandom random;

  /// @param share of the numbers that become 0
  Dropout(double share, long seed, long step) {
    this.share = share;
    random = new CounterRandom(~seed, step);
  }

  /// The numbers that are left; gradients flow through them.
  Tensor of(Tensor numbers) {
    if (share == 0) {
      return numbers;
    }
    float[] factors = new float[Math.toIntExact(numbers.numel())];
    for (int n = 0; n < factors.length; n++) {
      factors[n] = random.nextDouble() < share ? 0 : (float) (1 / (1 - share));
    }
    return numbers.mul(Tensor.create(factors, factors.length).view_as(numbers));
  }
}
