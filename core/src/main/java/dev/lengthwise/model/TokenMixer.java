package dev.lengthwise.model;

/// A token mixer with its weights.
sealed interface TokenMixer
    permits MultiHeadAttention, LatentHeads, GatedAttentionUnit, LinearRecurrentUnit {

  /// What the mixer of a layer adds to the stream.
  ///
  /// @param rows the stream, or what is made of it
  /// @param norm of what the mixer reads
  Block.Branch mix(Operations.Pass pass, Rows rows, BoundNorm norm, LayerAttention attention);

  /// The mixer that `spec` describes.
  static TokenMixer of(int layer, Mixer spec, Weights weights) {
    return switch (spec) {
      case Mixer.Attention attention -> new MultiHeadAttention(layer, attention, weights);
      case Mixer.LatentAttention attention -> new LatentHeads(layer, attention, weights);
      case Mixer.GatedUnit unit -> new GatedAttentionUnit(layer, unit, weights);
      case Mixer.Recurrence _ -> new LinearRecurrentUnit(layer, weights);
    };
  }
}
