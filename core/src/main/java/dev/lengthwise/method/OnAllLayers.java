package dev.lengthwise.method;

import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.Map;

/// A method that a user asks for on every layer, also the local ones of a model: the key
/// `layers=all` of any method.
///
/// Layers without rotation still get none. A local layer with frequencies of its own base has that
/// base changed. On models whose layers are alike it changes nothing.
///
/// @param method the method
public record OnAllLayers(PositionMethod method) implements PositionMethod {

  /// The key, which every method takes.
  static final String KEY = "layers";

  /// Its only value.
  static final String ALL = "all";

  @Override
  public MethodValue value() {
    return method.value().map(term -> term.with(KEY, ALL));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return method.parts(shape, layer, currentLength);
  }

  @Override
  public PlanParts partsOn(LayerRule rule, ModelShape shape, int layer, long currentLength) {
    PlanParts parts = method.parts(rule.shapeOf(shape), layer, currentLength);
    return rule.rotates() ? parts : parts.withoutFrequencies();
  }

  @Override
  public PositionMethod training() {
    return new OnAllLayers(method.training());
  }

  @Override
  public boolean drawsPositions() {
    return method.drawsPositions();
  }

  @Override
  public PositionMethod drawn(long seed) {
    return new OnAllLayers(method.drawn(seed));
  }

  @Override
  public boolean dependsOnLength() {
    return method.dependsOnLength();
  }

  @Override
  public boolean dependsOnSteps() {
    return method.dependsOnSteps();
  }

  @Override
  public long identityLength(ModelShape shape) {
    return method.identityLength(shape);
  }

  @Override
  public List<LearnedParameter> weights(ModelShape shape) {
    return method.weights(shape);
  }

  @Override
  public PositionMethod withWeights(Map<String, double[]> values) {
    return new OnAllLayers(method.withWeights(values));
  }
}
