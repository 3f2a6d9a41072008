package dev.lengthwise.position;

/// The plans of a model under a method: what the method sets, and for all else what the checkpoint
/// declares.
///
/// So `lm-infinite` on a Llama-3.1 checkpoint keeps its scaled frequencies, `rope` replaces them by
/// the plain ones, and `lm-infinite` on an ALiBi checkpoint keeps the bias.
///
/// @param shape the model
/// @param declared the method that the checkpoint was trained with
/// @param chosen the method to run
public record PlanFunction(ModelShape shape, PositionMethod declared, PositionMethod chosen) {

  /// The plan of `layer` for a text of `currentLength` tokens.
  ///
  /// The current length is the number of tokens of the whole text where that is known beforehand (a
  /// prompt, an evaluated document), and the number of tokens so far in generation.
  public AttentionPlan plan(int layer, long currentLength) {
    return chosen
        .parts(shape, layer, currentLength)
        .orElse(declared.parts(shape, layer, currentLength))
        .toPlan();
  }

  /// Whether [#plan] changes with the current length.
  public boolean dependsOnLength() {
    return chosen.dependsOnLength() || declared.dependsOnLength();
  }
}
