package dev.lengthwise.method;

import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What `over` sets, and for all else what `under` does: `window:window=8 over rope`, the method of
/// a checkpoint that declares both.
///
/// Methods that set different parts are joined with `+` instead ([CombinedMethod]).
///
/// @param over the method that wins
/// @param under the method below it
public record StackedMethod(PositionMethod over, PositionMethod under) implements PositionMethod {

  /// One method over another: the upper one alone where it hides the lower one, both joined where
  /// they set different parts, or else a stack.
  public static PositionMethod of(ModelShape shape, PositionMethod over, PositionMethod under) {
    if (hides(over, under, shape)) {
      return over;
    }
    return conflict(over, under, shape)
        ? new StackedMethod(over, under)
        : CombinedMethod.of(shape, List.of(under, over));
  }

  // Whether nothing of `under` is left.
  private static boolean hides(PositionMethod over, PositionMethod under, ModelShape shape) {
    for (int layer = 0; layer < shape.layers(); layer++) {
      PlanParts upper = over.parts(shape, layer, shape.trainedLength());
      PlanParts lower = under.parts(shape, layer, shape.trainedLength());
      if (!upper.orElse(lower).toPlan().equals(upper.toPlan())) {
        return false;
      }
    }
    return true;
  }

  private static boolean conflict(PositionMethod over, PositionMethod under, ModelShape shape) {
    for (int layer = 0; layer < shape.layers(); layer++) {
      PlanParts lower = under.parts(shape, layer, shape.trainedLength());
      if (over.parts(shape, layer, shape.trainedLength()).conflictWith(lower) != null) {
        return true;
      }
    }
    return false;
  }

  @Override
  public MethodValue value() {
    return over.value().over(under.value());
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return over.parts(shape, layer, currentLength).orElse(under.parts(shape, layer, currentLength));
  }

  @Override
  public PlanParts partsOn(LayerRule rule, ModelShape shape, int layer, long currentLength) {
    return over.partsOn(rule, shape, layer, currentLength)
        .orElse(under.partsOn(rule, shape, layer, currentLength));
  }

  @Override
  public PositionMethod training() {
    return new StackedMethod(over.training(), under.training());
  }

  @Override
  public boolean drawsPositions() {
    return over.drawsPositions() || under.drawsPositions();
  }

  @Override
  public PositionMethod drawn(long seed) {
    return new StackedMethod(over.drawn(seed), under.drawn(seed));
  }

  @Override
  public List<LearnedParameter> weights(ModelShape shape) {
    return Stream.of(over, under).flatMap(method -> method.weights(shape).stream()).toList();
  }

  @Override
  public PositionMethod withWeights(Map<String, double[]> values) {
    return new StackedMethod(over.withWeights(values), under.withWeights(values));
  }

  @Override
  public boolean dependsOnLength() {
    return over.dependsOnLength() || under.dependsOnLength();
  }

  @Override
  public boolean dependsOnSteps() {
    return over.dependsOnSteps() || under.dependsOnSteps();
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Math.min(over.identityLength(shape), under.identityLength(shape));
  }
}
