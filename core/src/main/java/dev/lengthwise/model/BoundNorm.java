package dev.lengthwise.model;

import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A norm with its numbers.
///
/// @param norm how it is computed
/// @param gain `[channels]`, f32, or `null`
/// @param bias `[channels]`, f32, or `null`
record BoundNorm(Norm norm, @Nullable Tensor gain, @Nullable Tensor bias) {

  /// No norm.
  static final BoundNorm NONE = new BoundNorm(Norm.NONE, null, null);

  /// Norms are looked up at each token; those that have numbers differ in them.
  @Override
  public int hashCode() {
    return Objects.hashCode(gain);
  }

  /// Whether there is one.
  boolean exists() {
    return norm.exists();
  }
}
