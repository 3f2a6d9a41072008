package dev.lengthwise.model;

import dev.lengthwise.checkpoint.TorchMemory;
import dev.lengthwise.matrix.FloatRows;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Activations of some tokens, as libtorch sees them and as the kernels do.
final class Rows {

  private final Tensor tensor; // [batch, tokens, columns]
  private @Nullable FloatRows floats;

  private Rows(Tensor tensor) {
    this.tensor = tensor;
  }

  /// @param tensor `[batch, tokens, columns]`
  static Rows of(Tensor tensor) {
    return new Rows(tensor);
  }

  /// `[batch, tokens, columns]`.
  Tensor tensor() {
    return tensor;
  }

  /// The same numbers for kernels: `[batch · tokens, columns]`, of a contiguous f32 tensor.
  FloatRows floats() {
    FloatRows found = floats;
    if (found == null) {
      found = floats(tensor.size(2));
      floats = found;
    }
    return found;
  }

  /// The same numbers as rows of other length.
  FloatRows floats(long columns) {
    return new FloatRows(
        TorchMemory.bytesOf(tensor), (int) (tensor.numel() / columns), (int) columns);
  }

  /// Whether they have this type and shape.
  boolean is(ScalarType type, long... shape) {
    return tensor.scalar_type().intern() == type
        && tensor.size(0) == shape[0]
        && tensor.size(1) == shape[1]
        && tensor.size(2) == shape[2];
  }

  /// Tokens of all texts.
  int count() {
    return (int) (tensor.size(0) * tensor.size(1));
  }

  /// `[batch, tokens, heads, columns / heads]`.
  Tensor heads(int heads) {
    return tensor.unflatten(2, heads, tensor.size(2) / heads);
  }
}
