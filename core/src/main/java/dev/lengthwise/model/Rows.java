package dev.lengthwise.model;

import dev.lengthwise.matrix.FloatRows;
import dev.lengthwise.torch.TorchMemory;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
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

  /// The first of these contiguous rows in their memory, as `[batch, tokens, columns]`.
  Rows first(long batch, long tokens) {
    if (tensor.size(0) == batch && tensor.size(1) == tokens) {
      return this;
    }
    long columns = tensor.size(2);
    return of(tensor.view(-1, columns).narrow(0, 0, batch * tokens).view(batch, tokens, columns));
  }

  /// Keeps them beyond the innermost scope.
  ///
  /// @param scope whose end releases them; `null` for none
  void keepIn(@Nullable PointerScope scope) {
    if (scope == null) {
      tensor.retainReference();
    } else {
      scope.attach(tensor);
    }
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
