package dev.lengthwise.model;

/// How hidden states become logits: `z = scale · (W x + b)`, and `cap · tanh(z / cap)` where there
/// is a cap.
///
/// @param tied whether `W` is the embedding
/// @param bias whether there is `b`
/// @param scale factor on logits
/// @param cap bound of logits; 0 for none
public record Head(boolean tied, boolean bias, double scale, double cap) {

  /// Checks the numbers.
  public Head {
    if (!(scale > 0) || !Double.isFinite(scale) || !(cap >= 0) || !Double.isFinite(cap)) {
      throw new IllegalArgumentException("a head needs a positive scale and a cap of at least 0");
    }
  }

  /// A plain projection.
  public static Head plain(boolean tied) {
    return new Head(tied, false, 1, 0);
  }
}
