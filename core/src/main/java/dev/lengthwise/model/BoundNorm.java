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

  /// That of the gain alone, which differs wherever there is one: each norm is looked up at each
  /// token, where the hash of all components would cost more than the table.
  @Override
  public int hashCode() {
    return Objects.hashCode(gain);
  }

  /// Whether there is one.
  boolean exists() {
    return norm.exists();
  }
}
