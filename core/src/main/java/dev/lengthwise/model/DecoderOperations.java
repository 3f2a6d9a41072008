package dev.lengthwise.model;

import org.bytedeco.pytorch.Tensor;

/// What a [Decoder] computes between its calls of attention: in libtorch, where gradients flow
/// ([TorchOperations]), or on weights in place, for inference ([StoredOperations]).
public interface DecoderOperations {

  /// Starts a pass over some tokens: their embeddings are the stream.
  ///
  /// @param ids `[batch, tokens]`, int64
  Pass start(Tensor ids);

  /// Logits of hidden states, f32: `[…, hidden]` → `[…, vocabulary]`.
  Tensor logits(Tensor hidden);

  /// One pass through the layers. Results may be memory that the next call uses again.
  interface Pass {

    /// What attention of a layer gets: projections of the normed stream.
    Projections project(int layer);

    /// The rest of a layer: output projection and feed-forward block, both added to the stream.
    ///
    /// @param attended `[batch, tokens, heads, headSize]`
    void finish(int layer, Tensor attended);

    /// The stream after the last norm, `[batch, tokens, hidden]`, f32.
    Tensor result();
  }

  /// Queries, keys (not rotated) and values, `[batch, tokens, heads, headSize]`.
  record Projections(Tensor queries, Tensor keys, Tensor values) {}
}
