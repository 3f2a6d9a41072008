package dev.lengthwise.model;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreRule;

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
    if (architecture.hasOneHead() && shape.heads() != 1) {
      throw new IllegalArgumentException(
          "a gated attention unit has one head; a model with no layer of several needs heads = 1");
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

  /// Query heads of `layer`: a gated attention unit has one, whatever other layers have.
  public int heads(int layer) {
    return architecture.block(layer).isGated() ? 1 : shape.heads();
  }

  /// Key and value heads of `layer`.
  public int keyValueHeads(int layer) {
    return architecture.block(layer).isGated() ? 1 : shape.keyValueHeads();
  }

  /// What a method plans for `layer`, with the rule of its block and the direction of the model.
  ///
  /// @param length tokens of the text that `plan` was made for
  /// @throws LengthwiseException where the plan has numbers for each head of the model, and the
  ///     layer has other heads; or where it makes no sense for a model that sees both ways
  public AttentionPlan planOf(int layer, AttentionPlan plan, long length) {
    if (heads(layer) != shape.heads() && !plan.bias().equals(ScoreBias.NONE)) {
      throw new LengthwiseException(
          ("The method adds a score bias, which has numbers for each of %d heads, but layer %d is a"
                  + " gated attention unit with one head; take a method without a bias.")
              .formatted(shape.heads(), layer + 1));
    }
    AttentionPlan own = plan.with(scoreRule(layer));
    if (!architecture.seesBothWays()) {
      return own;
    }
    plan.causalPart()
        .ifPresent(
            reason -> {
              throw new LengthwiseException(
                  "A bidirectional model (model.architecture.direction) cannot have this position"
                      + " method: "
                      + reason
                      + "; take another, for instance rope+log-n.");
            });
    return own.bothWays(length);
  }

  /// Channels of a value in `layer`: of a gated attention unit, its inner channels.
  public int valueSize(int layer) {
    return architecture.block(layer).isGated() ? feedForwardSize : shape.headSize();
  }

  /// What `layer` says of its scores.
  public ScoreRule scoreRule(int layer) {
    return switch (architecture.block(layer)) {
      case GAU_SQUARED_RELU -> ScoreRule.SQUARED_RELU;
      case ATTENTION, ATTENTION_WITH_BIAS, GAU, LRU -> ScoreRule.SOFTMAX;
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
