package dev.lengthwise.model;

/// What a weight does in a decoder, as far as optimisers and initialisations tell weights apart.
public enum WeightRole {
  /// A row for each token; also the projection to logits when tied.
  EMBEDDING,
  /// A matrix of no other role, such as the projections to queries and keys.
  MATRIX,
  /// Projection to values.
  VALUE,
  /// Projection of attention, or of a recurrence, back to the residual stream.
  ATTENTION_OUTPUT,
  /// One of the projections to the inner channels of a feed-forward block.
  GATED,
  /// Projection of the feed-forward block back to the residual stream.
  FEED_FORWARD_OUTPUT,
  /// Either projection of a gated attention unit.
  GATED_UNIT,
  /// Projection of the stream to the inputs of a recurrence.
  RECURRENT_INPUT,
  /// Gain of a norm or of the channels of a head, which starts at 1.
  GAIN,
  /// A vector that is added, which starts at 0.
  BIAS,
  /// `ν` of [dev.lengthwise.recurrence.Ring].
  LOG_RATE,
  /// `θ` of [dev.lengthwise.recurrence.Ring].
  LOG_PHASE,
  /// `ln γ` of [dev.lengthwise.recurrence.Ring].
  LOG_GAIN,
  /// Numbers that a position method learns, each with a meaning of its own.
  LEARNED_POSITION;

  /// Whether the weight is a table or matrix.
  public boolean isMatrix() {
    return switch (this) {
      case EMBEDDING, MATRIX, VALUE, ATTENTION_OUTPUT -> true;
      case GATED, FEED_FORWARD_OUTPUT, GATED_UNIT, RECURRENT_INPUT -> true;
      case GAIN, BIAS, LOG_RATE, LOG_PHASE, LOG_GAIN, LEARNED_POSITION -> false;
    };
  }

  /// Whether the weight projects back to the residual stream.
  public boolean isOutput() {
    return this == ATTENTION_OUTPUT || this == FEED_FORWARD_OUTPUT;
  }
}
