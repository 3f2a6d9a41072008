package dev.lengthwise.method;

import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import java.util.List;

/// ALiBi: no rotation, and a bias that falls linearly with the distance.
///
///     β_h(ρ) = −2^(−8h/H) · ρ,  h = 1 … H
///
/// A model must be trained with it: on a rotary checkpoint it replaces what the weights rely on.
///
/// Source: Press et al. 2021, "Train Short, Test Long".
public record Alibi() implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "alibi",
          "No rotation; scores fall linearly with the distance.",
          "Press et al. 2021, Train Short, Test Long, arXiv 2108.12409",
          "For models trained with it: flat loss at several times the trained length, but little"
              + " memory beyond it. On a rotary checkpoint it destroys the model.",
          List.of(),
          (parameters, shape, declared) -> new Alibi());

  @Override
  public String name() {
    return "alibi";
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return new PlanParts(
        RotaryTable.NONE, null, null, ScoreBias.Linear.published(shape.heads()), null);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
