package dev.lengthwise.model;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The one decoder, for training (autograd records every operation) and for inference.
///
/// It holds no state beside its weights and knows nothing of positions: those are in the
/// [LayerAttention] that is passed to each call.
public final class Decoder {

  private final ModelSpec spec;
  private final DecoderWeights weights;

  /// A decoder with these weights.
  public Decoder(ModelSpec spec, DecoderWeights weights) {
    this.spec = spec;
    this.weights = weights;
  }

  /// The architecture.
  public ModelSpec spec() {
    return spec;
  }

  /// The weights.
  public DecoderWeights weights() {
    return weights;
  }

  /// Final hidden states, after the last norm.
  ///
  /// @param ids `[batch, tokens]`, int64
  /// @return `[batch, tokens, hidden]`, f32
  public Tensor hidden(Tensor ids, LayerAttention attention) {
    Tensor stream = torch.embedding(weights.embedding(), ids); // [batch, tokens, hidden]
    if (stream.scalar_type().intern() != torch.ScalarType.Float) {
      stream = stream.to(torch.ScalarType.Float);
    }
    for (int layer = 0; layer < weights.layers().size(); layer++) {
      stream = scopedBlock(layer, stream, attention);
    }
    return norm(stream, weights.norm());
  }

  /// Logits of hidden states, f32.
  ///
  /// @param hidden `[…, hidden]`
  /// @return `[…, vocabulary]`
  public Tensor logits(Tensor hidden) {
    Linear head = weights.head();
    if (head == null) {
      throw new IllegalStateException("this checkpoint has no projection to logits");
    }
    return head.apply(hidden);
  }

  // What a block makes on its way is released at its end, not at that of the whole step: of several
  // layers, only the streams between them are held at once.
  private Tensor scopedBlock(int layer, Tensor stream, LayerAttention attention) {
    @Nullable PointerScope callers = PointerScope.getInnerScope();
    try (PointerScope _ = new PointerScope()) {
      Tensor result = block(layer, stream, attention);
      if (callers == null) {
        return result.retainReference();
      }
      callers.attach(result);
      return result;
    }
  }

  private Tensor block(int layer, Tensor stream, LayerAttention attention) {
    DecoderWeights.Layer layerWeights = weights.layers().get(layer);
    Tensor normed = norm(stream, layerWeights.attentionNorm());
    Tensor attended =
        attention.attend(
            layer,
            heads(layerWeights.query().apply(normed), spec.shape().heads()),
            heads(layerWeights.key().apply(normed), spec.shape().keyValueHeads()),
            heads(layerWeights.value().apply(normed), spec.shape().keyValueHeads()));
    Tensor between = stream.add(layerWeights.output().apply(attended.flatten(2, 3)));
    Tensor inner = norm(between, layerWeights.feedForwardNorm());
    Tensor gated = torch.silu(layerWeights.gate().apply(inner)).mul(layerWeights.up().apply(inner));
    return between.add(layerWeights.down().apply(gated));
  }

  // [batch, tokens, heads · headSize] → [batch, tokens, heads, headSize]
  private Tensor heads(Tensor projected, int heads) {
    return projected.view(projected.size(0), projected.size(1), heads, spec.shape().headSize());
  }

  private Tensor norm(Tensor stream, Tensor gain) {
    return torch.rms_norm(
        stream,
        new long[] {spec.hiddenSize()},
        new TensorOptional(gain),
        new DoubleOptional(spec.normEpsilon()));
  }
}
