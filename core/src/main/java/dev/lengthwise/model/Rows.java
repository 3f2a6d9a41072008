package dev.lengthwise.model;

import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.matrix.FloatRows;
import dev.lengthwise.torch.TorchMemory;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Activations of some tokens, as libtorch sees them and as the kernels do.
///
/// What libtorch says of the tensor is asked once: each call out of Java costs as much as a short
/// row of products.
final class Rows {

  private final Tensor tensor;
  private final long batch;
  private final long tokens;
  private final long columns;
  private @Nullable FloatRows floats;

  private Rows(Tensor tensor, long batch, long tokens, long columns) {
    this.tensor = tensor;
    this.batch = batch;
    this.tokens = tokens;
    this.columns = columns;
  }

  /// @param tensor `[batch, tokens, columns]`
  static Rows of(Tensor tensor) {
    return new Rows(tensor, tensor.size(0), tensor.size(1), tensor.size(2));
  }

  /// `[batch, tokens, columns]`.
  Tensor tensor() {
    return tensor;
  }

  /// Texts.
  long batch() {
    return batch;
  }

  /// Tokens of each text.
  long tokens() {
    return tokens;
  }

  /// Channels of each token.
  long columns() {
    return columns;
  }

  /// The same numbers for kernels: `[batch · tokens, columns]`, of a contiguous f32 tensor.
  FloatRows floats() {
    FloatRows found = floats;
    if (found == null) {
      found = floats(columns);
      floats = found;
    }
    return found;
  }

  /// The same numbers as rows of other length.
  FloatRows floats(long length) {
    return new FloatRows(
        TorchMemory.bytesOf(tensor), (int) (batch * tokens * columns / length), (int) length);
  }

  /// The first of these contiguous rows in their memory, as `[batch, tokens, columns]`.
  Rows first(long batch, long tokens) {
    if (batch == this.batch && tokens == this.tokens) {
      return this;
    }
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
    return (int) (batch * tokens);
  }

  /// The same numbers as heads in memory, of a contiguous f32 tensor.
  HeadRows headRows(int heads) {
    return HeadRows.contiguous(
        floats().memory(), (int) batch, (int) tokens, heads, (int) (columns / heads));
  }

  /// `[batch, tokens, heads, columns / heads]`.
  Tensor heads(int heads) {
    return tensor.view(batch, tokens, heads, columns / heads);
  }
}
