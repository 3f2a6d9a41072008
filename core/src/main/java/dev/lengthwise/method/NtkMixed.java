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

/// NTK-RoPE-mixed: every digit of the position, read as a number in radix `base^(2/d)`, is widened
/// by a share that falls with the digit.
///
///     θ'_m = θ_m · exp(−a·(m+1)^exponent),  a = ln(factor) / (d/2)^exponent
///
/// An exponent of 1 is NTK-RoPE-fixed; an exponent of 0 is position interpolation. The post found
/// 0.625 on its own model.
///
/// Source: J. Su, kexue.fm 9706.
///
/// @param factor by how much the slowest pair slows down
/// @param exponent how the widening is shared among pairs, from 0 to 1
public record NtkMixed(double factor, double exponent) implements PositionMethod {

  private static final double PUBLISHED_EXPONENT = 0.625;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "ntk-mixed",
          "NTK-RoPE-mixed: shares the interpolation unevenly among all pairs, more to the slow"
              + " ones.",
          "J. Su 2023, kexue.fm 9706",
          "Without training somewhat better than ntk at factor × the trained length; inside the"
              + " trained length it costs a little. Remembers everything.",
          List.of(
              MethodParameter.stretch(),
              MethodParameter.number(
                  "exponent", "0.625", "1 shares evenly (NTK-fixed), 0 is interpolation")),
          (parameters, shape, declared) -> {
            Checks.rotary("ntk-mixed", shape);
            return new NtkMixed(
                parameters.factor(shape.trainedLength()),
                parameters.number("exponent", PUBLISHED_EXPONENT));
          });

  /// Checks the parameters.
  public NtkMixed {
    Checks.atLeast("ntk-mixed", "factor", factor, 1);
    Checks.between("ntk-mixed", "exponent", exponent, 0, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("ntk-mixed").with("factor", factor).with("exponent", exponent));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    double rate = Math.log(factor) / Math.pow(shape.rotarySize() / 2.0, exponent);
    return PlanParts.of(
        Frequencies.divided(shape, pair -> Math.exp(rate * Math.pow(pair + 1.0, exponent))));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Frequencies.identityLength(this, shape);
  }
}
