package dev.lengthwise.matrix;

/// How a gated feed-forward block joins its two products:
/// `activation(min(gate, limit)) · (clamp(up, −limit, limit) + offset)`.
///
/// With [#SILU] this is SwiGLU and with [Activation#GELU] GeGLU (Shazeer, 2020). GPT-OSS has
/// `SIGMOID_1702`, limit 7 and offset 1.
///
/// @param limit positive; infinity for none
/// @param offset added to the second product
public record Gating(Activation activation, double limit, double offset) {

  /// `silu(gate) · up`, that of most models: the kernels have a pass of their own for it.
  public static final Gating SILU = of(Activation.SILU);

  /// Checks the numbers.
  public Gating {
    if (!(limit > 0) || !Double.isFinite(offset)) {
      throw new IllegalArgumentException(
          "a gating needs a positive limit and a finite offset, not %s and %s"
              .formatted(limit, offset));
    }
  }

  /// `activation(gate) · up`.
  public static Gating of(Activation activation) {
    return new Gating(activation, Double.POSITIVE_INFINITY, 0);
  }

  /// The specification, for one output.
  public double of(double gate, double up) {
    double clamped = Math.max(-limit, Math.min(up, limit));
    return activation.of(Math.min(gate, limit)) * (clamped + offset);
  }

  /// Whether this is `silu(gate) · up`.
  boolean isSilu() {
    return activation == Activation.SILU && isUnlimited() && offset == 0;
  }

  /// Whether nothing is limited.
  boolean isUnlimited() {
    return limit == Double.POSITIVE_INFINITY;
  }
}
