package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import java.util.List;

/// ALiBi: no rotation, and a bias that falls linearly with the distance.
///
///     β_h(ρ) = −factor · 2^(−max·h/H) · ρ,  h = 1 … H
///
/// [ScoreBias.Linear#geometric] says which slopes numbers of heads have that are no power of two. A
/// model must be trained with it: on a rotary checkpoint it replaces what the weights rely on.
///
/// Source: Press et al. 2021, "Train Short, Test Long".
///
/// @param max the greatest exponent of a slope, `alibi_bias_max`
/// @param factor on every slope; the first Falcon models have `1/√headSize`
public record Alibi(double max, double factor) implements PositionMethod {

  private static final double PUBLISHED_MAX = 8;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "alibi",
          "No rotation; scores fall linearly with the distance.",
          "Press et al. 2021, Train Short, Test Long, arXiv 2108.12409",
          "For models trained with it: flat loss at several times the trained length, but little"
              + " memory beyond it. On a rotary checkpoint it destroys the model.",
          List.of(
              MethodParameter.number(
                  "max", "that of the checkpoint, or 8", "greatest exponent of a slope"),
              MethodParameter.number("factor", "that of the checkpoint, or 1", "on every slope")),
          (parameters, shape, declared) -> {
            Alibi own =
                LearnedWeights.partsOf(declared)
                    .filter(Alibi.class::isInstance)
                    .map(Alibi.class::cast)
                    .findFirst()
                    .orElseGet(Alibi::new);
            return new Alibi(
                parameters.number("max", own.max()), parameters.number("factor", own.factor()));
          });

  /// Checks the parameters.
  public Alibi {
    Checks.positive("alibi", "max", max);
    Checks.positive("alibi", "factor", factor);
  }

  /// ALiBi with the slopes of the paper.
  public Alibi() {
    this(PUBLISHED_MAX, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("alibi").with("max", max).with("factor", factor));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    ScoreBias bias = ScoreBias.Linear.geometric(shape.heads(), max, factor);
    return new PlanParts(RotaryTable.NONE, null, null, bias, null);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
