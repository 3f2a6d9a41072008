package dev.lengthwise.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The weights of a Llama-shaped decoder as they lie in a file; outputs of query and key
/// projections are in half-split rotary layout.
///
/// @param embedding `[vocabulary, hidden]`: row `t` is the embedding of token `t`
/// @param layers one for each layer
/// @param norm `[hidden]`, the gain of the last norm
/// @param head projection to logits; the embedding itself when tied, `null` when there is none
public record DecoderWeights(
    Linear embedding, List<Layer> layers, Tensor norm, @Nullable Linear head)
    implements ModelWeights {

  /// Copies the list.
  public DecoderWeights {
    layers = List.copyOf(layers);
  }

  /// The projection to logits; `IllegalStateException` when there is none.
  public Linear requireHead() {
    if (head == null) {
      throw new IllegalStateException("this checkpoint has no projection to logits");
    }
    return head;
  }

  @Override
  public List<Linear> projections() {
    List<Linear> all = new ArrayList<>();
    for (Layer layer : layers) {
      all.addAll(List.of(layer.query(), layer.key(), layer.value(), layer.output()));
      all.addAll(List.of(layer.gate(), layer.up(), layer.down()));
    }
    if (head != null) {
      all.add(head);
    }
    return all;
  }

  @Override
  public boolean hasHead() {
    return head != null;
  }

  /// The weights of one block.
  ///
  /// @param attentionNorm `[hidden]`
  /// @param query `hidden → heads · headSize`
  /// @param key `hidden → keyValueHeads · headSize`
  /// @param value `hidden → keyValueHeads · headSize`
  /// @param output `heads · headSize → hidden`
  /// @param feedForwardNorm `[hidden]`
  /// @param gate `hidden → feedForward`
  /// @param up `hidden → feedForward`
  /// @param down `feedForward → hidden`
  public record Layer(
      Tensor attentionNorm,
      Linear query,
      Linear key,
      Linear value,
      Linear output,
      Tensor feedForwardNorm,
      Linear gate,
      Linear up,
      Linear down) {}
}
