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

/// Position interpolation: every position is divided by the factor.
///
///     θ'_m = θ_m / factor
///
/// Source: Chen et al. 2023, "Position Interpolation".
///
/// @param factor how many times the trained length is wanted
public record LinearScaling(double factor) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "linear",
          "Position interpolation: squeezes all positions into the trained range.",
          "Chen et al. 2023, Position Interpolation, arXiv 2306.15595",
          "Reaches factor × the trained length after fine-tuning with it; without, it is worse than"
              + " no change, also inside the trained length. Remembers everything.",
          List.of(MethodParameter.stretch()),
          (parameters, shape, declared) -> {
            Checks.rotary("linear", shape);
            return new LinearScaling(parameters.factor(shape.trainedLength()));
          });

  /// Checks the factor.
  public LinearScaling {
    Checks.atLeast("linear", "factor", factor, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("linear").with("factor", factor));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(Frequencies.divided(shape, pair -> factor));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Frequencies.identityLength(this, shape);
  }
}
