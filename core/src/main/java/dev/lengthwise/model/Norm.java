package dev.lengthwise.model;

/// A norm of some channels of a token, or none.
///
/// @param kind how it is computed
/// @param epsilon added to the mean square, or to the variance
/// @param gain whether the result is multiplied by trained numbers
/// @param bias whether trained numbers are added
public record Norm(Kind kind, double epsilon, boolean gain, boolean bias) {

  /// No norm.
  public static final Norm NONE = new Norm(Kind.NONE, 0, false, false);

  /// How a norm is computed.
  public enum Kind {
    /// Not at all.
    NONE,
    /// `x / √(mean x² + ε)`.
    RMS,
    /// `(x − mean x) / √(variance x + ε)`.
    LAYER
  }

  /// Checks the number.
  public Norm {
    if (!(epsilon >= 0) || !Double.isFinite(epsilon)) {
      throw new IllegalArgumentException("the epsilon of a norm must be at least 0: " + epsilon);
    }
  }

  /// A root-mean-square norm with a gain.
  public static Norm rms(double epsilon) {
    return new Norm(Kind.RMS, epsilon, true, false);
  }

  /// A layer norm with gain and bias.
  public static Norm layer(double epsilon) {
    return new Norm(Kind.LAYER, epsilon, true, true);
  }

  /// The same norm with or without trained numbers.
  public Norm with(boolean newGain, boolean newBias) {
    return new Norm(kind, epsilon, newGain, newBias);
  }

  /// Whether there is one.
  public boolean exists() {
    return kind != Kind.NONE;
  }
}
