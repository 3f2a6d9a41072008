package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.ScoreScale;
import java.util.List;

/// Cosine attention: the score is `λ · cos(q, k)`.
///
///     λ = 4 ln(n)      n fixed, published as half of the trained length
///     λ = 4 ln(i + 1)  dynamic
///
/// Trained in; what turns and which keys are seen is left to other methods.
///
/// Source: J. Su, kexue.fm 9859; the factor from kexue.fm 9812.
///
/// @param n number of tokens that `λ` follows from; without meaning where `dynamic`
/// @param dynamic whether `λ` grows with the number of visible tokens
public record Cosine(long n, boolean dynamic) implements PositionMethod {

  private static final double FACTOR = 4;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "cosine",
          "Scores are λ times the cosine of query and key.",
          "J. Su 2023, kexue.fm 9859",
          "For models trained with it: the loss stays low at several times the trained length, but"
              + " far tokens are hard to find; log-n, rerope or yarn on top helps.",
          List.of(
              MethodParameter.tokens("n", "half of the trained length, at least 2", "λ is 4 ln(n)"),
              MethodParameter.flag(
                  "dynamic", false, "λ is 4 ln(number of visible tokens) instead")),
          (parameters, shape, declared) ->
              new Cosine(
                  parameters.tokens("n", Math.max(2, shape.trainedLength() / 2)),
                  parameters.flag("dynamic", false)));

  /// Checks the parameters.
  public Cosine {
    Checks.tokens("cosine", "n", n, 2);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("cosine").with("n", n).with("dynamic", dynamic));
  }

  /// `λ`, a function of the query's index.
  public ScoreScale lambda() {
    return dynamic
        ? new ScoreScale.LogLength(Math.exp(1 / FACTOR), 0)
        : new ScoreScale.Constant(FACTOR * Math.log((double) n));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(new QueryKeyMap.Cosine(lambda()));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
