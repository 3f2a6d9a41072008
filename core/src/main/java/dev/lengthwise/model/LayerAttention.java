package dev.lengthwise.model;

import org.bytedeco.pytorch.Tensor;

/// What a decoder does between its projections: in training, attention within the batch; in
/// inference, attention over the cache of a session.
@FunctionalInterface
public interface LayerAttention {

  /// Attends in `layer`. The tensors are used again when it has returned: what is kept is copied.
  ///
  /// @param queries `[batch, tokens, heads, headSize]`
  /// @param keys `[batch, tokens, keyValueHeads, headSize]`, not rotated
  /// @param values of the shape of `keys`
  /// @return `[batch, tokens, heads, headSize]`
  Tensor attend(int layer, Tensor queries, Tensor keys, Tensor values);
}
