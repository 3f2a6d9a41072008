package dev.lengthwise.model;

import dev.lengthwise.recurrence.ComplexTensor;
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

    /// What the token mixer of a layer asks of [LayerAttention].
    Mixing project(int layer);

    /// The rest of a layer: output projection and feed-forward block, both added to the stream.
    ///
    /// @param answer of attention `[batch, tokens, heads, valueSize]`; of a recurrence the states
    ///     `[batch, tokens, 2 · channels]`, real parts first
    void finish(int layer, Tensor answer);

    /// The stream as it is, `[batch, tokens, hidden]`, f32: between layers, what they pass on.
    Tensor stream();

    /// The stream after the last norm, `[batch, tokens, hidden]`, f32.
    Tensor result();
  }

  /// What a token mixer wants to know of other tokens.
  sealed interface Mixing {}

  /// Attention.
  ///
  /// @param queries `[batch, tokens, heads, headSize]`, not rotated
  /// @param keys `[batch, tokens, keyValueHeads, headSize]`, not rotated
  /// @param values `[batch, tokens, keyValueHeads, valueSize]`
  record Projections(Tensor queries, Tensor keys, Tensor values) implements Mixing {}

  /// A linear recurrence.
  ///
  /// @param inputs `[batch, tokens, channels]`
  /// @param decay `[channels]`
  record Recurrence(ComplexTensor inputs, ComplexTensor decay) implements Mixing {}
}
