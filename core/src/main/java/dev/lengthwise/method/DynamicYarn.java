package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;

/// YaRN whose factor follows the text: `s = max(1, S/N)`, temperature included.
///
/// Source: Peng et al. 2023, "YaRN", section 3.3.
///
/// @param rule which pairs are slow; its original length is `N`
public record DynamicYarn(ByParts rule) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "dynamic-yarn",
          "YaRN whose factor and temperature follow the length of the text.",
          "Peng et al. 2023, YaRN, arXiv 2309.00071, section 3.3",
          "The plain model inside the trained length; beyond it as yarn with the smallest factor"
              + " that fits. Remembers everything; a growing text turns its keys anew.",
          ByParts.parameters(),
          (parameters, shape, declared) -> {
            Checks.rotary("dynamic-yarn", shape);
            return new DynamicYarn(ByParts.of(parameters, shape));
          });

  @Override
  public MethodValue value() {
    return MethodValue.of(rule.write(new MethodTerm("dynamic-yarn")));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    double factor = Math.max(1, (double) currentLength / rule.original());
    return new Yarn(factor, rule, Yarn.temperature(factor, 1), 1)
        .parts(shape, layer, currentLength);
  }

  @Override
  public boolean dependsOnLength() {
    return true;
  }

  @Override
  public long identityLength(ModelShape shape) {
    return rule.original();
  }
}
