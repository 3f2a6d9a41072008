package dev.lengthwise.model;

import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;

/// A decoder's architecture: what the header of a checkpoint says, in one vocabulary for all
/// families.
///
/// The block is that of Llama: `x += attention(norm(x))`, then
/// `x += down(silu(gate(norm(x))) * up(norm(x)))`, with root-mean-square norms.
///
/// @param family name of the family that read it
/// @param vocabularySize rows of the embedding
/// @param hiddenSize channels of the residual stream
/// @param feedForwardSize inner channels of the feed-forward block
/// @param normEpsilon added to the mean square in norms
/// @param shape what position methods see
/// @param declared the position method that the checkpoint was trained with
public record ModelSpec(
    String family,
    int vocabularySize,
    int hiddenSize,
    int feedForwardSize,
    double normEpsilon,
    ModelShape shape,
    PositionMethod declared) {

  /// Checks that sizes are positive.
  public ModelSpec {
    if (vocabularySize <= 0 || hiddenSize <= 0 || feedForwardSize <= 0 || !(normEpsilon >= 0)) {
      throw new IllegalArgumentException("sizes of a model must be positive");
    }
  }

  /// The same architecture with another declared method.
  public ModelSpec withDeclared(PositionMethod method) {
    return new ModelSpec(
        family, vocabularySize, hiddenSize, feedForwardSize, normEpsilon, shape, method);
  }
}
