package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.List;

/// Plain rotary positions: whatever scaling a checkpoint declares is taken away.
///
///     θ_m = base^(−2m/d),  φ(i) = i,  ψ(j) = j
///
/// Source: Su et al. 2021, "RoFormer".
public record Rope() implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "rope",
          "Plain rotary positions and plain causal attention.",
          "Su et al. 2021, RoFormer, arXiv 2104.09864",
          "Works up to the trained length and breaks right after it; remembers everything.",
          List.of(),
          (parameters, shape, declared) -> {
            Checks.rotary("rope", shape);
            return new Rope();
          });

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("rope"));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return new PlanParts(shape.plainRotary(), List.of(Branch.PLAIN), null, null, null);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Bounds.UNBOUNDED;
  }
}
