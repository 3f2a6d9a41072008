package dev.lengthwise.family;

import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.OwnLayers;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Gives the layers of a model rules of their own, beside the method that it declares.
final class LayerRules {

  private LayerRules() {}

  /// The model with one rule for some layers and another for the others.
  static ModelSpec of(ModelSpec spec, List<Boolean> some, LayerRule theirs, LayerRule others) {
    return of(spec, layer -> some.get(layer) ? theirs : others);
  }

  /// The model with a rule for each layer.
  static ModelSpec of(ModelSpec spec, IntFunction<LayerRule> rules) {
    List<LayerRule> all = IntStream.range(0, spec.layers().size()).mapToObj(rules).toList();
    return all.stream().allMatch(LayerRule.Global.class::isInstance)
        ? spec
        : spec.withDeclared(new OwnLayers(spec.declared(), all));
  }
}
