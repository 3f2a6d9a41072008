package dev.lengthwise.matrix;

/// A function between the two matrices of a feed-forward block, or of a head.
///
/// [#of] is the specification; kernels compute it in f32.
public enum Activation {
  /// `x · sigmoid(x)`, also called swish (Elfwing, Uchibe and Doya, 2017).
  SILU,
  /// `x · Φ(x)` with the normal distribution `Φ(x) = ½ (1 + erf(x / √2))` (Hendrycks and Gimpel,
  /// 2016).
  GELU,
  /// The approximation of [#GELU] by a hyperbolic tangent:
  /// `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`, in the same paper.
  GELU_TANH,
  /// `tanh x`, in poolers and heads.
  TANH,
  /// `max(x, 0)`.
  RELU,
  /// `max(x, 0)²` (So et al., Primer, 2021).
  RELU_SQUARED,
  /// `x · sigmoid(1.702 x)`: the approximation of [#GELU] by a logistic function, in its paper.
  SIGMOID_1702;

  /// The slope of [#SIGMOID_1702].
  static final double SLOPE = 1.702;

  /// The factor of `x³` in [#GELU_TANH].
  static final double CUBIC = 0.044715;

  /// The function itself; for [#GELU] with an absolute error of about 10⁻¹⁵ · |x|.
  public double of(double x) {
    return switch (this) {
      case SILU -> x / (1 + Math.exp(-x));
      case GELU -> x / 2 * (1 + errorFunction(x * Math.sqrt(0.5)));
      case GELU_TANH -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + CUBIC * x * x * x)));
      case TANH -> Math.tanh(x);
      case RELU -> Math.max(x, 0);
      case RELU_SQUARED -> Math.max(x, 0) * Math.max(x, 0);
      case SIGMOID_1702 -> x / (1 + Math.exp(-SLOPE * x));
    };
  }

  /// `erf(x) = 2/√π · e^(−x²) · Σₙ 2ⁿ x²ⁿ⁺¹ / (1 · 3 ⋯ (2n + 1))`, whose terms all have one sign
  /// (Abramowitz and Stegun, 7.1.6); beyond 6 it is 1 in double precision.
  static double errorFunction(double x) {
    if (Math.abs(x) >= 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
