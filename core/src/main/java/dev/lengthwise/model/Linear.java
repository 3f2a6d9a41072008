package dev.lengthwise.model;

import dev.lengthwise.matrix.WeightMatrix;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A projection `y = x Wᵀ + b`: of a libtorch tensor, through which gradients flow, or of weights
/// as they lie in a file, for inference.
public sealed interface Linear {

  /// A projection in libtorch, for training.
  ///
  /// @param weight `[outputs, inputs]`
  /// @param bias `[outputs]`, or `null`
  record Dense(Tensor weight, @Nullable Tensor bias) implements Linear {

    /// A projection without bias.
    public Dense(Tensor weight) {
      this(weight, null);
    }

    /// `[…, inputs]` → `[…, outputs]`, of the type of `input`. The product runs in the type of the
    /// weight; the bias is added after it.
    public Tensor apply(Tensor input) {
      torch.ScalarType given = input.scalar_type().intern();
      torch.ScalarType own = weight.scalar_type().intern();
      Tensor product = torch.linear(given == own ? input : input.to(own), weight);
      Tensor wide = given == own ? product : product.to(given);
      return bias == null ? wide : wide.add(bias).to(given);
    }
  }

  /// A projection of weights in place.
  ///
  /// @param weight the rows, in the order of the file
  /// @param bias one for each row, in the order of the file, or `null`
  /// @param places which output each row is, or `null` when rows are in the order of outputs: files
  ///     with interleaved rotary pairs are used as they are (decision 0004)
  record Stored(WeightMatrix weight, float @Nullable [] bias, int @Nullable [] places)
      implements Linear {

    /// A projection without bias whose rows are in order.
    public Stored(WeightMatrix weight) {
      this(weight, null, null);
    }
  }
}
