package dev.lengthwise.model;

import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.ScoreWeights;

/// A decoder's architecture: what the header of a checkpoint says, in one vocabulary for all
/// families.
///
/// @param family name of the family that read it
/// @param vocabularySize rows of the embedding
/// @param hiddenSize channels of the residual stream
/// @param feedForwardSize inner channels of the feed-forward block, and of a gated attention unit
/// @param normEpsilon added to the mean square in norms
/// @param shape what position methods see
/// @param declared the position method that the checkpoint was trained with
/// @param architecture what its layers are made of
public record ModelSpec(
    String family,
    int vocabularySize,
    int hiddenSize,
    int feedForwardSize,
    double normEpsilon,
    ModelShape shape,
    PositionMethod declared,
    Architecture architecture) {

  /// Checks the numbers.
  public ModelSpec {
    if (vocabularySize <= 0 || hiddenSize <= 0 || feedForwardSize <= 0 || !(normEpsilon >= 0)) {
      throw new IllegalArgumentException("sizes of a model must be positive");
    }
    boolean gated = architecture.blocks().stream().anyMatch(Architecture.Block::isGated);
    if (gated && shape.heads() != 1) {
      throw new IllegalArgumentException(
          "a gated attention unit has one head; a model with such layers needs heads = 1");
    }
  }

  /// A model with the layers of Llama.
  public ModelSpec(
      String family,
      int vocabularySize,
      int hiddenSize,
      int feedForwardSize,
      double normEpsilon,
      ModelShape shape,
      PositionMethod declared) {
    this(
        family,
        vocabularySize,
        hiddenSize,
        feedForwardSize,
        normEpsilon,
        shape,
        declared,
        Architecture.LLAMA);
  }

  /// Channels of a value in `layer`: of a gated attention unit, its inner channels.
  public int valueSize(int layer) {
    return architecture.block(layer).isGated() ? feedForwardSize : shape.headSize();
  }

  /// How scores become weights in `layer`.
  public ScoreWeights scoreWeights(int layer) {
    return switch (architecture.block(layer)) {
      case GAU_SQUARED_RELU -> ScoreWeights.SQUARED_RELU;
      case ATTENTION, ATTENTION_WITH_BIAS, GAU, LRU -> ScoreWeights.SOFTMAX;
    };
  }

  /// The same architecture with another declared method.
  public ModelSpec withDeclared(PositionMethod method) {
    return new ModelSpec(
        family,
        vocabularySize,
        hiddenSize,
        feedForwardSize,
        normEpsilon,
        shape,
        method,
        architecture);
  }
}
