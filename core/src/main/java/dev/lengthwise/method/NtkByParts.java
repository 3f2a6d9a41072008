package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.stream.Stream;

/// NTK-by-parts: the frequencies of YaRN ([ByParts]) without its temperature.
///
/// The older released code ("v2 part") mixes three curves; this is the rule that YaRN settled on.
///
/// Source: Peng et al. 2023, "YaRN", section 3.2.
///
/// @param factor by how much slow pairs slow down
/// @param rule which pairs are slow
public record NtkByParts(double factor, ByParts rule) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "ntk-by-parts",
          "Interpolates pairs that never finish a turn within the trained length and leaves fast"
              + " pairs alone.",
          "Peng et al. 2023, YaRN, arXiv 2309.00071, section 3.2",
          "Reaches about factor × the trained length; remembers everything.",
          Stream.concat(Stream.of(MethodParameter.stretch()), ByParts.parameters().stream())
              .toList(),
          (parameters, shape, declared) -> {
            Checks.rotary("ntk-by-parts", shape);
            ByParts rule = ByParts.of(parameters, shape);
            return new NtkByParts(parameters.factor(rule.original()), rule);
          });

  /// Checks the factor.
  public NtkByParts {
    Checks.atLeast("ntk-by-parts", "factor", factor, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(rule.write(new MethodTerm("ntk-by-parts").with("factor", factor)));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(rule.table(shape, factor));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Frequencies.identityLength(this, shape);
  }
}
