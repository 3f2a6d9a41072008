package dev.lengthwise.method;

import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.QueryKeyMap;
import java.util.List;

/// Key normalisation: the score is `q·k/‖k‖`, without `1/√d`.
///
/// Trained in; what turns and which keys are seen is left to other methods.
///
/// Source: J. Su, kexue.fm 9859.
public record KeyNorm() implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "key-norm",
          "Scores of queries and keys of length 1, `q·k/‖k‖`.",
          "J. Su 2023, kexue.fm 9859",
          "For models trained with it: the loss stays low at several times the trained length,"
              + " but far tokens are hard to find; rerope or yarn on top helps.",
          List.of(),
          (parameters, shape, declared) -> new KeyNorm());

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("key-norm"));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(new QueryKeyMap.Normalize(false, true));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
