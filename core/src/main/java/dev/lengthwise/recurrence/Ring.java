package dev.lengthwise.recurrence;

/// The first decays of a linear recurrent unit: uniform in a ring of the complex plane,
///
///     r² = u (r_max² − r_min²) + r_min²,   φ = 2π u′,   γ = √(1 − r²)
///
/// and the parameters that are trained instead of them: `λ = exp(−e^ν + i e^θ)`, so that `|λ| < 1`
/// whatever is learnt, with `ν = ln(−½ ln r²)` and `θ = ln φ`; and `ln γ`. Inputs times `γ` keep
/// states at the variance of the inputs.
///
/// Source: A. Orvieto et al. 2023, "Resurrecting recurrent neural networks for long sequences";
/// J. Su, kexue.fm 9554.
///
/// @param least `r_min`
/// @param most `r_max`
public record Ring(double least, double most) {

  /// The ring of the sources.
  public static final Ring PUBLISHED = new Ring(0.9, 0.999);

  /// Checks that the ring lies inside the unit circle.
  public Ring {
    if (!(least > 0 && least < most && most < 1)) {
      throw new IllegalArgumentException("a ring needs 0 < least < most < 1");
    }
  }

  /// `ν` of a decay.
  ///
  /// @param uniform in `[0, 1]`
  public double logRate(double uniform) {
    return Math.log(-0.5 * Math.log(uniform * (most * most - least * least) + least * least));
  }

  /// `θ` of a decay.
  ///
  /// @param uniform in `(0, 1]`: 0 would be the phase 0, which has no logarithm
  public static double logPhase(double uniform) {
    return Math.log(2 * Math.PI * uniform);
  }

  /// `r = |λ|` of the decay with this `ν`.
  public static double modulus(double logRate) {
    return Math.exp(-Math.exp(logRate));
  }

  /// `ln γ` of the decay with this `ν`.
  public static double logGain(double logRate) {
    double modulus = modulus(logRate);
    return 0.5 * Math.log1p(-modulus * modulus);
  }
}
