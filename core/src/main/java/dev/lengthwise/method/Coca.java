package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.QueryKeyMap;
import java.util.List;

/// Collinear constrained attention: keys are non-negative multiples of the query, pair by pair, so
/// that scores fall with the distance from the first step on.
///
/// [QueryKeyMap.Collinear] has the formulas of both variants. Frequencies and branches are left to
/// other methods: `coca+dynamic-ntk:factor=4` is what the paper evaluates.
///
/// Source: Zhu et al. 2024, arXiv 2309.08646.
///
/// @param slack the variant of the released code; otherwise the strict one of the paper
public record Coca(boolean slack) implements PositionMethod {

  private static final String SLACK = "slack";

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "coca",
          "Collinear keys: each pair of a key is a non-negative multiple of the query's pair.",
          "Zhu et al. 2024, CoCA, arXiv 2309.08646",
          "For models trained with it, and then with dynamic-ntk on top: retrieves at several times"
              + " the trained length; alone it hardly helps.",
          List.of(
              MethodParameter.word(
                  "variant",
                  "strict is relative and the paper's theory, slack is the released code",
                  List.of("strict", SLACK))),
          (parameters, shape, declared) -> {
            if (shape.rotarySize() != shape.headSize()) {
              throw new LengthwiseException(
                  "coca needs heads that turn whole, and here %d of %d channels turn"
                      .formatted(shape.rotarySize(), shape.headSize()));
            }
            return new Coca(parameters.word("variant").equals(SLACK));
          });

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("coca").with("variant", slack ? SLACK : "strict"));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(new QueryKeyMap.Collinear(slack));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
