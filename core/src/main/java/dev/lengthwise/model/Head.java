package dev.lengthwise.model;

/// How hidden states become logits: `z = scale · (W x + b)`, and `cap · tanh(z / cap)` where there
/// is a cap.
///
/// @param tied whether `W` is the embedding
/// @param bias whether there is `b`
/// @param unitRows whether each row of `W` is divided by its Euclidean length (Baichuan 2);
///     training moves the rows themselves, and gradients flow through the division
/// @param scale factor on logits
/// @param cap bound of logits; 0 for none
public record Head(boolean tied, boolean bias, boolean unitRows, double scale, double cap) {

  /// Checks the numbers.
  public Head {
    if (!(scale > 0) || !Double.isFinite(scale) || !(cap >= 0) || !Double.isFinite(cap)) {
      throw new IllegalArgumentException("a head needs a positive scale and a cap of at least 0");
    }
    if (tied && unitRows) {
      throw new IllegalArgumentException("an embedding is no head with rows of length 1");
    }
  }

  /// A head with its rows as they are.
  public Head(boolean tied, boolean bias, double scale, double cap) {
    this(tied, bias, false, scale, cap);
  }

  /// A plain projection.
  public static Head plain(boolean tied) {
    return new Head(tied, false, 1, 0);
  }

  /// The same head with rows of length 1.
  public Head withUnitRows() {
    return new Head(tied, bias, true, scale, cap);
  }
}
