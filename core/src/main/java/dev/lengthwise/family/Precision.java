package dev.lengthwise.family;

import org.bytedeco.pytorch.global.torch.ScalarType;

/// The type that the weights of projections have in memory; norms always have f32.
public enum Precision {
  /// Single precision.
  F32(ScalarType.Float),
  /// The upper half of single precision: half the memory, faster products, about three digits.
  BF16(ScalarType.BFloat16);

  private final ScalarType type;

  Precision(ScalarType type) {
    this.type = type;
  }

  /// The libtorch type.
  public ScalarType type() {
    return type;
  }
}
