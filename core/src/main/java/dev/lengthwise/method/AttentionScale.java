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
import dev.lengthwise.position.ScoreScale;
import java.util.List;

/// A constant factor on all scores, beside `1/√headSize`.
///
///     s(i) = factor
///
/// Source: J. Su, kexue.fm 9812, who asks which factor gives the greatest gradient at the start of
/// training (about `0.84 · √ln n` for `n` visible keys).
///
/// @param factor greater is sharper; 1 is the plain model
public record AttentionScale(double factor) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "attention-scale",
          "All scores times a constant factor.",
          "J. Su 2023, kexue.fm 9812",
          "Does not extend a model: it is for training, joined as in"
              + " rope+attention-scale:factor=2.",
          List.of(
              MethodParameter.number(
                  "factor", "1", "factor beside the root of the head size; greater is sharper")),
          (parameters, shape, declared) -> new AttentionScale(parameters.number("factor", 1)));

  /// Checks the factor.
  public AttentionScale {
    Checks.positive("attention-scale", "factor", factor);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("attention-scale").with("factor", factor));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(new ScoreScale.Constant(factor));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return factor == 1 ? Bounds.UNBOUNDED : 0;
  }
}
