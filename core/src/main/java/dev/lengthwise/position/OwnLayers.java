package dev.lengthwise.position;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The method that a model with layers of different kinds was trained with: a base method, and what
/// each layer makes of it.
///
/// Only a checkpoint declares it; no text of a command line makes one. A model whose layers all
/// have the same window is none of these: its window is a part of its base method.
///
/// @param base the method of the layers that see everything
/// @param layers the rule of every attention layer
public record OwnLayers(PositionMethod base, List<LayerRule> layers) implements PositionMethod {

  /// Copies the rules.
  public OwnLayers {
    layers = List.copyOf(layers);
    if (base instanceof OwnLayers) {
      throw new IllegalArgumentException("own layers cannot be the base of own layers");
    }
  }

  /// The rule of a layer of a model that was trained with `declared`.
  static LayerRule ruleOf(PositionMethod declared, int layer) {
    return declared instanceof OwnLayers own ? own.layers.get(layer) : new LayerRule.Global();
  }

  /// The base method: the rules are those of the model, and no text sets them.
  @Override
  public MethodValue value() {
    return base.value();
  }

  /// The base method and how many layers follow which rule.
  @Override
  public String name() {
    Map<String, Long> counts =
        layers.stream()
            .collect(
                Collectors.groupingBy(
                    OwnLayers::describe, LinkedHashMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", ", base.name() + " with layers: ", ""));
  }

  private static String describe(LayerRule rule) {
    return switch (rule) {
      case LayerRule.Global _ -> "global";
      case LayerRule.Unrotated _ -> "unrotated";
      case LayerRule.Local(Region region, LayerRule.Rotation rotation) ->
          "local (%d tokens%s)"
              .formatted(
                  region.retention().window(),
                  switch (rotation) {
                    case LayerRule.Rotation.OfBase _ -> "";
                    case LayerRule.Rotation.Plain(double own) -> ", rotary base " + own;
                    case LayerRule.Rotation.None _ -> ", unrotated";
                  });
    };
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    PlanParts parts = base.parts(shape, layer, currentLength);
    return switch (layers.get(layer)) {
      case LayerRule.Global _ -> parts;
      case LayerRule.Unrotated _ -> unrotated(parts).withBranches(null);
      case LayerRule.Local local -> {
        List<Branch> branches = List.of(Branch.identity(local.region()));
        yield switch (local.rotation()) {
          case LayerRule.Rotation.OfBase _ -> parts.withBranches(branches);
          case LayerRule.Rotation.None _ -> unrotated(parts).withBranches(branches);
          case LayerRule.Rotation.Plain _ ->
              PlanParts.of(local.shapeOf(shape).plainRotary())
                  .orElse(parts.withoutFrequencies().withScale(null))
                  .withBranches(branches);
        };
      }
    };
  }

  private static PlanParts unrotated(PlanParts parts) {
    return PlanParts.of(RotaryTable.NONE).orElse(parts.withoutFrequencies());
  }

  /// As [#identityLength(ModelShape)], of one layer against its own kind: the plain model there has
  /// the base of the layer.
  long identityLength(ModelShape shape, int layer) {
    return switch (layers.get(layer)) {
      case LayerRule.Global _ -> base.identityLength(shape);
      case LayerRule.Unrotated _ -> Bounds.UNBOUNDED;
      case LayerRule.Local(Region region, LayerRule.Rotation rotation) ->
          rotation instanceof LayerRule.Rotation.OfBase
              ? Math.min(region.retention().window(), base.identityLength(shape))
              : region.retention().window();
    };
  }

  @Override
  public long identityLength(ModelShape shape) {
    boolean rotatesAlike =
        layers.stream().allMatch(rule -> rule.rotates() && rule.shapeOf(shape).equals(shape));
    if (shape.hasRotary() && !rotatesAlike) {
      return 0;
    }
    return IntStream.range(0, layers.size())
        .mapToLong(layer -> identityLength(shape, layer))
        .min()
        .orElse(Bounds.UNBOUNDED);
  }

  @Override
  public PositionMethod training() {
    return new OwnLayers(base.training(), layers);
  }

  @Override
  public boolean drawsPositions() {
    return base.drawsPositions();
  }

  @Override
  public PositionMethod drawn(long seed) {
    return new OwnLayers(base.drawn(seed), layers);
  }

  @Override
  public boolean dependsOnLength() {
    return base.dependsOnLength();
  }

  @Override
  public boolean dependsOnSteps() {
    return base.dependsOnSteps();
  }

  @Override
  public List<LearnedParameter> weights(ModelShape shape) {
    return base.weights(shape);
  }

  @Override
  public PositionMethod withWeights(Map<String, double[]> values) {
    return new OwnLayers(base.withWeights(values), layers);
  }
}
