package dev.lengthwise.model;

import dev.lengthwise.matrix.WeightMatrix;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A projection `y = x Wᵀ + b`: a libtorch tensor, through which gradients flow, or weights as they
/// lie in a file, for inference.
public sealed interface Projection {

  /// Channels of `y`.
  int outputs();

  /// Bytes of the weights.
  long bytes();

  /// A projection in libtorch.
  ///
  /// @param weight `[outputs, inputs]`
  /// @param bias `[outputs]`, or `null`
  record Dense(Tensor weight, @Nullable Tensor bias) implements Projection {

    @Override
    public int outputs() {
      return (int) weight.size(0);
    }

    @Override
    public long bytes() {
      return weight.nbytes();
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
  record Mapped(WeightMatrix weight, float @Nullable [] bias, int @Nullable [] places)
      implements Projection {

    /// A projection without bias whose rows are in order.
    public Mapped(WeightMatrix weight) {
      this(weight, null, null);
    }

    @Override
    public int outputs() {
      return weight.rows();
    }

    @Override
    public long bytes() {
      return weight.data().byteSize();
    }

    /// The biases in the order of outputs, or `null`.
    float @Nullable [] placedBias() {
      if (bias == null || places == null) {
        return bias;
      }
      float[] ordered = new float[bias.length];
      for (int row = 0; row < bias.length; row++) {
        ordered[places[row]] = bias[row];
      }
      return ordered;
    }
  }
}
