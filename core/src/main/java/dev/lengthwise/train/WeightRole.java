package dev.lengthwise.train;

import dev.lengthwise.position.PlanWeight;

/// What a weight does in a decoder, as far as optimisers and initialisations tell weights apart.
enum WeightRole {
  /// A row for each token; also the projection to logits when tied.
  EMBEDDING,
  /// A matrix of no other role, such as the projections to queries and keys.
  MATRIX,
  /// Projection to values.
  VALUE,
  /// Projection of attention back to the residual stream.
  ATTENTION_OUTPUT,
  /// One of the two projections whose results are multiplied in a gated feed-forward block.
  GATED,
  /// Projection of the feed-forward block back to the residual stream.
  FEED_FORWARD_OUTPUT,
  /// Gain of a norm, which starts at 1.
  GAIN,
  /// A vector that is added, or another that starts at 0; and whatever a position method learns.
  BIAS;

  /// The role of a weight.
  ///
  /// @param name Hugging Face name
  /// @param dimensions of its shape
  static WeightRole of(String name, long dimensions) {
    if (dimensions < 2 || PlanWeight.isTensorName(name)) {
      return name.endsWith("norm.weight") ? GAIN : BIAS;
    }
    String[] parts = name.split("\\.");
    return switch (parts[parts.length - 2]) {
      case "embed_tokens" -> EMBEDDING;
      case "v_proj" -> VALUE;
      case "o_proj" -> ATTENTION_OUTPUT;
      case "gate_proj", "up_proj" -> GATED;
      case "down_proj" -> FEED_FORWARD_OUTPUT;
      default -> MATRIX;
    };
  }

  /// Whether the weight is a table or matrix.
  boolean isMatrix() {
    return this != GAIN && this != BIAS;
  }

  /// Whether the weight projects back to the residual stream.
  boolean isOutput() {
    return this == ATTENTION_OUTPUT || this == FEED_FORWARD_OUTPUT;
  }
}
