package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Methods that set different parts of a plan, together: `rerope:window=64+log-n`.
///
/// @param methods at least two, none of them combined itself
public record CombinedMethod(List<PositionMethod> methods) implements PositionMethod {

  /// Copies the methods.
  public CombinedMethod {
    methods = List.copyOf(methods);
    if (methods.size() < 2) {
      throw new IllegalArgumentException("a combination needs at least two methods");
    }
  }

  /// The combination of methods for a model.
  ///
  /// @throws LengthwiseException when two of them set the same part
  public static CombinedMethod of(ModelShape shape, List<PositionMethod> methods) {
    List<PositionMethod> flat = new ArrayList<>();
    for (PositionMethod method : methods) {
      if (method instanceof CombinedMethod combined) {
        flat.addAll(combined.methods());
      } else {
        flat.add(method);
      }
    }
    for (int second = 1; second < flat.size(); second++) {
      for (int first = 0; first < second; first++) {
        refuseConflict(shape, flat.get(first), flat.get(second));
      }
    }
    return new CombinedMethod(flat);
  }

  private static void refuseConflict(
      ModelShape shape, PositionMethod first, PositionMethod second) {
    for (int layer = 0; layer < shape.layers(); layer++) {
      String part =
          first
              .parts(shape, layer, shape.trainedLength())
              .conflictWith(second.parts(shape, layer, shape.trainedLength()));
      if (part != null) {
        throw new LengthwiseException(
            "%s and %s both set %s; methods joined with + must set different parts"
                .formatted(first.name(), second.name(), part));
      }
    }
  }

  @Override
  public MethodValue value() {
    return methods.stream()
        .map(PositionMethod::value)
        .reduce(MethodValue::joined)
        .orElseThrow(() -> new IllegalStateException("a combination has methods"));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    PlanParts all = PlanParts.NOTHING;
    for (PositionMethod method : methods) {
      all = all.orElse(method.parts(shape, layer, currentLength));
    }
    return all;
  }

  @Override
  public PlanParts partsOn(LayerRule rule, ModelShape shape, int layer, long currentLength) {
    PlanParts all = PlanParts.NOTHING;
    for (PositionMethod method : methods) {
      all = all.orElse(method.partsOn(rule, shape, layer, currentLength));
    }
    return all;
  }

  @Override
  public List<LearnedParameter> weights(ModelShape shape) {
    return methods.stream().flatMap(method -> method.weights(shape).stream()).toList();
  }

  @Override
  public PositionMethod withWeights(Map<String, double[]> values) {
    return new CombinedMethod(methods.stream().map(method -> method.withWeights(values)).toList());
  }

  @Override
  public PositionMethod training() {
    return new CombinedMethod(methods.stream().map(PositionMethod::training).toList());
  }

  @Override
  public boolean drawsPositions() {
    return methods.stream().anyMatch(PositionMethod::drawsPositions);
  }

  @Override
  public PositionMethod drawn(long seed) {
    return new CombinedMethod(methods.stream().map(method -> method.drawn(seed)).toList());
  }

  @Override
  public boolean dependsOnLength() {
    return methods.stream().anyMatch(PositionMethod::dependsOnLength);
  }

  @Override
  public boolean dependsOnSteps() {
    return methods.stream().anyMatch(PositionMethod::dependsOnSteps);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return methods.stream()
        .mapToLong(method -> method.identityLength(shape))
        .min()
        .orElse(Bounds.UNBOUNDED);
  }
}
