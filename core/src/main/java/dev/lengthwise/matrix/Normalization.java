package dev.lengthwise.matrix;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// How rows of activations are normalised.
///
/// @param epsilon added under the root; not negative
/// @param gain f32 outside the Java heap, one number a column; `null` for none
/// @param bias as `gain`, added at the end; an RMS norm has none
public record Normalization(
    Kind kind, double epsilon, @Nullable MemorySegment gain, @Nullable MemorySegment bias) {

  /// What is normalised.
  public enum Kind {
    /// `x / √(mean of squares + epsilon) · gain` (Zhang and Sennrich, 2019).
    RMS,
    /// `(x − mean) / √(variance + epsilon) · gain + bias`, with the mean of squared deviations as
    /// the variance (Ba, Kiros and Hinton, 2016).
    LAYER
  }

  /// Checks the numbers.
  public Normalization {
    if (!(epsilon >= 0)) {
      throw new IllegalArgumentException("the epsilon of a norm is negative: " + epsilon);
    }
    if (kind == Kind.RMS && bias != null) {
      throw new IllegalArgumentException("an RMS norm has no bias");
    }
  }

  /// The address of the gain; 0 for none.
  long gainAddress() {
    return gain == null ? 0 : gain.address();
  }

  /// The address of the bias; 0 for none.
  long biasAddress() {
    return bias == null ? 0 : bias.address();
  }
}
