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

/// NTK-aware scaling: a larger base, so that the fastest pair stays and the slowest is interpolated
/// by the whole factor.
///
///     base' = base · factor^(d/(d−2)),  that is θ'_m = θ_m / factor^(2m/(d−2))
///
/// Source: bloc97 2023, "NTK-Aware Scaled RoPE".
///
/// @param factor by how much the slowest pair slows down
public record Ntk(double factor) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "ntk",
          "NTK-aware scaling: raises the rotary base so that slow pairs are interpolated and fast"
              + " ones are not.",
          "bloc97 2023, NTK-Aware Scaled RoPE; kexue.fm 9675, 9948",
          "Without training it reaches about half of factor × the trained length: choose the factor"
              + " twice as large as the length asks for. Remembers everything.",
          List.of(MethodParameter.stretch()),
          (parameters, shape, declared) -> {
            Checks.rotary("ntk", shape);
            return new Ntk(parameters.factor(shape.trainedLength()));
          });

  /// Checks the factor.
  public Ntk {
    Checks.atLeast("ntk", "factor", factor, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("ntk").with("factor", factor));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(Frequencies.stretchedBase(shape, factor));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Frequencies.identityLength(this, shape);
  }
}
