package dev.lengthwise.method;

import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.QueryKeyMap;
import java.util.List;

/// Query normalisation: the score is `q·k/‖q‖`, without `1/√d`.
///
/// Trained in; what turns and which keys are seen is left to other methods.
///
/// Source: J. Su, kexue.fm 9859.
public record QueryNorm() implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "query-norm",
          "Scores of queries of length 1 and keys, `q·k/‖q‖`.",
          "J. Su 2023, kexue.fm 9859",
          "For models trained with it: does not extrapolate by itself; it is here to be compared"
              + " with key-norm and cosine.",
          List.of(),
          (parameters, shape, declared) -> new QueryNorm());

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("query-norm"));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(new QueryKeyMap.Normalize(true, false));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
