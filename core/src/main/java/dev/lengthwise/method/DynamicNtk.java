package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.List;

/// Dynamic NTK-aware scaling: the base grows with the text.
///
///     base' = base · (factor·S/N − (factor−1))^(d/(d−2))   for S > N,  base otherwise
///
/// `S` is the current length, `N` the trained one. With a factor above 1 the base at `S = factor·N`
/// is larger than that of static [Ntk]: a quirk of Hugging Face's formula that is kept. The plan is
/// a function of the current length alone, so a short text after a long one is read as if alone.
///
/// Source: emozilla 2023, "Dynamically Scaled RoPE"; Hugging Face's type `dynamic`.
///
/// @param factor slope of the growth
/// @param original tokens that the frequencies were trained for, `N`
public record DynamicNtk(double factor, long original) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "dynamic-ntk",
          "NTK-aware scaling whose base follows the length of the text.",
          "emozilla 2023, Dynamically Scaled RoPE; Hugging Face rope type dynamic",
          "The plain model inside the trained length; without training good to a few times it."
              + " Remembers everything; a growing text turns its keys anew.",
          List.of(
              MethodParameter.number("factor", "1", "slope of the growth; 1 is S/N itself"),
              MethodParameter.original()),
          (parameters, shape, declared) -> {
            Checks.rotary("dynamic-ntk", shape);
            return new DynamicNtk(
                parameters.number("factor", 1),
                parameters.tokens("original", shape.trainedLength()));
          });

  /// Checks the parameters.
  public DynamicNtk {
    Checks.atLeast("dynamic-ntk", "factor", factor, 1);
    Checks.tokens("dynamic-ntk", "original", original, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("dynamic-ntk").with("factor", factor).with("original", original));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(Frequencies.stretchedBase(shape, ratio(currentLength)));
  }

  private double ratio(long currentLength) {
    return currentLength <= original ? 1 : factor * currentLength / original - (factor - 1);
  }

  @Override
  public boolean dependsOnLength() {
    return true;
  }

  @Override
  public long identityLength(ModelShape shape) {
    return shape.rotarySize() <= 2 ? Bounds.UNBOUNDED : original;
  }
}
