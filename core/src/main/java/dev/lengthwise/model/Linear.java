package dev.lengthwise.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A projection `y = x Wᵀ + b`.
///
/// @param weight `[outputs, inputs]`
/// @param bias `[outputs]`, or `null`
public record Linear(Tensor weight, @Nullable Tensor bias) {

  /// A projection without bias.
  public Linear(Tensor weight) {
    this(weight, null);
  }

  /// `[…, inputs]` → `[…, outputs]`, of the type of `input`. The product runs in the type of the
  /// weight.
  public Tensor apply(Tensor input) {
    torch.ScalarType given = input.scalar_type().intern();
    torch.ScalarType own = weight.scalar_type().intern();
    Tensor matching = given == own ? input : input.to(own);
    Tensor product =
        bias == null
            ? torch.linear(matching, weight)
            : torch.linear(matching, weight, new TensorOptional(bias));
    return given == own ? product : product.to(given);
  }
}
