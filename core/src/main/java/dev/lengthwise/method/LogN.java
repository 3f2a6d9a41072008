package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.ScoreScale;
import java.util.List;

/// Log-n scaling: scores grow with the logarithm of the number of visible tokens, so that the
/// entropy of attention does not.
///
///     s(i) = max(minimum, ln(i + 1)/ln(base))
///
/// A minimum of 1 is the post-hoc variant, the identity inside the base length; a minimum of 0 is
/// the variant that a model is trained with.
///
/// Source: J. Su, kexue.fm 8823.
///
/// @param base length at which the factor is 1
/// @param minimum smallest factor
public record LogN(long base, double minimum) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "log-n",
          "Scores grow with the logarithm of the number of visible tokens.",
          "J. Su 2021, kexue.fm 8823",
          "Does not extend a model by itself: join it with a method that does, as in rerope+log-n.",
          List.of(
              MethodParameter.tokens(
                  "base", "the trained length, at least 2", "length at which the factor is 1"),
              MethodParameter.number(
                  "minimum",
                  "1",
                  "smallest factor: 1 for models trained without log-n, 0 for those trained with"
                      + " it")),
          (parameters, shape, declared) ->
              new LogN(
                  parameters.tokens("base", Math.max(2, shape.trainedLength())),
                  parameters.number("minimum", 1)));

  /// Checks the parameters.
  public LogN {
    Checks.tokens("log-n", "base", base, 2);
    Checks.between("log-n", "minimum", minimum, 0, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("log-n").with("base", base).with("minimum", minimum));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(new ScoreScale.LogLength((double) base, minimum));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return minimum == 1 ? base : 0;
  }
}
