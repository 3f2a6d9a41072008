package dev.lengthwise.model;

/// What one layer of a decoder is made of.
///
/// @param mixer mixes tokens
/// @param feedForward mixes the channels of a token
/// @param residual how both stand to the residual stream
public record LayerSpec(Mixer mixer, FeedForward feedForward, Residual residual) {

  /// Checks the parts against one another.
  public LayerSpec {
    if (feedForward instanceof FeedForward.None && residual.order().isParallel()) {
      throw new IllegalArgumentException(
          "a gated attention unit has no mlp that could run parallel to it");
    }
  }
}
