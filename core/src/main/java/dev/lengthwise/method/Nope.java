package dev.lengthwise.method;

import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import java.util.List;

/// No positions at all: plain causal attention without rotation and without bias.
///
/// A model must be trained with it.
///
/// Source: Kazemnejad et al. 2023, "The Impact of Positional Encoding on Length Generalization".
public record Nope() implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "nope",
          "No positions: only the causal mask tells tokens apart.",
          "Kazemnejad et al. 2023, arXiv 2305.19466",
          "For models trained with it: somewhat beyond the trained length. On any other checkpoint"
              + " it destroys the model.",
          List.of(),
          (parameters, shape, declared) -> new Nope());

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("nope"));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return new PlanParts(RotaryTable.NONE, List.of(Branch.PLAIN), null, ScoreBias.NONE, null);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return shape.hasRotary() ? 0 : Bounds.UNBOUNDED;
  }
}
