package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.List;

/// The scaling of Llama 3.1: by wavelength `w_m = 2π/θ_m`, in three bands.
///
///     w < N/high   θ'_m = θ_m
///     w > N/low    θ'_m = θ_m / factor
///     between      θ'_m = θ_m · ((1−σ)/factor + σ),   σ = (N/w − low)/(high − low)
///
/// Source: Meta 2024, Llama 3.1; Hugging Face's type `llama3`.
///
/// @param factor by how much slow pairs slow down
/// @param low turns within `N` below which a pair is slow
/// @param high turns within `N` above which a pair is left alone
/// @param original tokens that the frequencies were trained for, `N`
public record Llama3(double factor, double low, double high, long original)
    implements PositionMethod {

  private static final double PUBLISHED_FACTOR = 8;
  private static final double PUBLISHED_LOW = 1;
  private static final double PUBLISHED_HIGH = 4;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "llama3",
          "The frequency bands of Llama 3.1: slow pairs are interpolated, fast ones stay.",
          "Meta 2024, Llama 3.1, arXiv 2407.21783",
          "Reaches factor × the original length in models that were trained with it (factor 8,"
              + " original 8192); remembers everything.",
          List.of(
              MethodParameter.number(
                  "factor",
                  "target length / trained length, rounded up, where a target length is known; else"
                      + " 8",
                  "by how much slow pairs slow down"),
              MethodParameter.number("low", "1", "turns below which a pair is slowed fully"),
              MethodParameter.number("high", "4", "turns above which a pair is left alone"),
              MethodParameter.original()),
          (parameters, shape, declared) -> {
            Checks.rotary("llama3", shape);
            long original = parameters.tokens("original", shape.trainedLength());
            return new Llama3(
                parameters.targetLength().isPresent()
                    ? parameters.factor(original)
                    : parameters.number("factor", PUBLISHED_FACTOR),
                parameters.number("low", PUBLISHED_LOW),
                parameters.number("high", PUBLISHED_HIGH),
                original);
          });

  /// Checks the parameters.
  public Llama3 {
    Checks.atLeast("llama3", "factor", factor, 1);
    Checks.positive("llama3", "low", low);
    Checks.positive("llama3", "high", high);
    Checks.below("llama3", "low", low, "high", high);
    Checks.tokens("llama3", "original", original, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("llama3")
            .with("factor", factor)
            .with("low", low)
            .with("high", high)
            .with("original", original));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    double[] plain = shape.plainRotary().frequencies();
    return PlanParts.of(Frequencies.divided(shape, pair -> divisor(plain[pair])));
  }

  private double divisor(double frequency) {
    double turns = original * frequency / (2 * Math.PI);
    if (factor == 1 || turns > high) {
      return 1;
    }
    if (turns < low) {
      return factor;
    }
    double kept = (turns - low) / (high - low);
    return 1 / ((1 - kept) / factor + kept);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Frequencies.identityLength(this, shape);
  }
}
