package dev.lengthwise.method;

import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;

/// A method without a line in the catalogue: `ArchitectureTest` proves with it that a forgotten
/// line is found.
public record ForgottenMethod() implements PositionMethod {

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("forgotten"));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.NOTHING;
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
