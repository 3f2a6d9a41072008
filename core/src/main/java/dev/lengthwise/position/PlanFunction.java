package dev.lengthwise.position;

/// The plans of a model under a method: what the method sets, for all else what the checkpoint
/// declares, and for what neither sets plain causal attention with the model's own rotation.
///
/// So `lm-infinite` on a Llama-3.1 checkpoint keeps its scaled frequencies, `rope` replaces them by
/// the plain ones, and `lm-infinite` on an ALiBi checkpoint keeps the bias.
///
/// In a model with [OwnLayers] the method changes the layers that see everything, see
/// [PositionMethod#partsOn].
///
/// [Compatibility] says which methods make sense on which model.
///
/// @param shape the model
/// @param declared the method that the checkpoint was trained with
/// @param chosen the method to run
public record PlanFunction(ModelShape shape, PositionMethod declared, PositionMethod chosen) {

  /// Checks that own layers are as many as the model has.
  public PlanFunction {
    if (declared instanceof OwnLayers own && own.layers().size() != shape.layers()) {
      throw new IllegalArgumentException(
          "%d rules for %d layers".formatted(own.layers().size(), shape.layers()));
    }
  }

  /// The plan of `layer` for a text of `currentLength` tokens.
  ///
  /// The current length is the number of tokens of the whole text where that is known beforehand (a
  /// prompt, an evaluated document), and the number of tokens so far in generation.
  public AttentionPlan plan(int layer, long currentLength) {
    return chosenParts(layer, currentLength)
        .orElse(declared.parts(shape, layer, currentLength))
        .orElse(PlanParts.of(shape.plainRotary()))
        .toPlan();
  }

  /// The plan of `layer` in words, with frequencies beside the plain ones of that layer.
  public PlanDescription describe(int layer, long currentLength) {
    ModelShape own = OwnLayers.ruleOf(declared, layer).shapeOf(shape);
    return PlanDescription.of(own, plan(layer, currentLength));
  }

  /// What the chosen method sets in `layer`.
  PlanParts chosenParts(int layer, long currentLength) {
    return chosen.partsOn(OwnLayers.ruleOf(declared, layer), shape, layer, currentLength);
  }

  /// The number of tokens up to which logits are certainly, bit for bit, those of the checkpoint's
  /// declared method.
  ///
  /// Where both methods set the same part, both must be the plain model up to there.
  public long identityLength() {
    if (chosen.equals(declared)) {
      return Bounds.UNBOUNDED;
    }
    long length = chosen.identityLength(shape);
    for (int layer = 0; layer < shape.layers(); layer++) {
      PlanParts parts = chosenParts(layer, shape.trainedLength());
      if (parts.conflictWith(declared.parts(shape, layer, shape.trainedLength())) != null) {
        length = Math.min(length, declaredIdentity(layer));
      }
    }
    return length;
  }

  private long declaredIdentity(int layer) {
    return declared instanceof OwnLayers own
        ? own.identityLength(shape, layer)
        : declared.identityLength(shape);
  }

  /// Whether [#plan] changes with the current length.
  public boolean dependsOnLength() {
    return chosen.dependsOnLength() || declared.dependsOnLength();
  }
}
