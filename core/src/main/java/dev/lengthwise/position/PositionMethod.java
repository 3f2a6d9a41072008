package dev.lengthwise.position;

import java.util.List;
import java.util.Map;

/// A length-extrapolation method: a pure function from a model's shape, a layer and the current
/// length to parts of a plan.
///
/// An instance holds its effective parameters; it knows no tensors, no files and no state.
public interface PositionMethod {

  /// The method as a value, with every effective parameter.
  MethodValue value();

  /// The method as the command line writes it, with every effective parameter but lists of numbers,
  /// which are as long as a head: `lm-infinite:local=256,global=10,ceiling=256`.
  default String name() {
    return value().withoutLists().text();
  }

  /// The parts of the plan that this method sets.
  ///
  /// @param shape the model
  /// @param layer index of the attention layer, from 0
  /// @param currentLength tokens of the text as far as it is known: [PlanFunction] says which
  PlanParts parts(ModelShape shape, int layer, long currentLength);

  /// The parts that this method sets where it is chosen for a model whose layer has `rule`.
  ///
  /// A local layer is left alone, and a layer without rotation never gets one: of a method there,
  /// the mask and a score scale remain.
  default PlanParts partsOn(LayerRule rule, ModelShape shape, int layer, long currentLength) {
    return switch (rule) {
      case LayerRule.Global _ -> parts(shape, layer, currentLength);
      case LayerRule.Local _ -> PlanParts.NOTHING;
      case LayerRule.Unrotated _ -> parts(shape, layer, currentLength).withoutFrequencies();
    };
  }

  /// The method whose plans are used while a model is trained with this one: itself, but for
  /// methods that train with other positions or other masks than they run with.
  default PositionMethod training() {
    return this;
  }

  /// Whether every window of a training has positions of its own, which [#drawn] gives.
  default boolean drawsPositions() {
    return false;
  }

  /// This method with the positions of one window.
  ///
  /// @param seed decides the positions, and nothing else does
  default PositionMethod drawn(long seed) {
    return this;
  }

  /// Whether [#parts] changes with the current length.
  default boolean dependsOnLength() {
    return false;
  }

  /// Whether what a text gives depends on where steps end, because the last query of a step sees
  /// other keys than it would in the middle of one ([KeySelection]): then reading a text in chunks
  /// is not the same as reading it at once.
  default boolean dependsOnSteps() {
    return false;
  }

  /// The number of tokens up to which the model's logits are, bit for bit, those of the plain model
  /// (unscaled frequencies, plain causal attention); [Bounds#UNBOUNDED] for always, 0 for never.
  ///
  /// Against what a checkpoint declares, see [PlanFunction#identityLength].
  long identityLength(ModelShape shape);

  /// What a model learns for this method in training, beside its own weights; all layers share it.
  default List<LearnedParameter> weights(ModelShape shape) {
    return List.of();
  }

  /// This method with learned values in place of its first ones.
  ///
  /// @param values for each of [#weights], by name: its numbers, row by row; others are ignored
  default PositionMethod withWeights(Map<String, double[]> values) {
    return this;
  }
}
