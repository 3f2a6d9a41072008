package dev.lengthwise.model;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// The one decoder, for training (autograd records every operation) and for inference; what it
/// computes with is its [DecoderOperations].
///
/// It holds no state beside its weights and knows nothing of positions: those are in the
/// [LayerAttention] that is passed to each call.
public final class Decoder {

  private final ModelSpec spec;
  private final DecoderWeights weights;
  private final DecoderOperations operations;

  /// A decoder in libtorch; weights are [Linear.Dense].
  public Decoder(ModelSpec spec, DecoderWeights weights) {
    this(spec, weights, new TorchOperations(spec, weights));
  }

  /// A decoder with these operations on these weights.
  public Decoder(ModelSpec spec, DecoderWeights weights, DecoderOperations operations) {
    this.spec = spec;
    this.weights = weights;
    this.operations = operations;
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
    DecoderOperations.Pass pass = operations.start(ids);
    for (int layer = 0; layer < weights.layers().size(); layer++) {
      // What a layer makes on its way is released at its end, not at that of the whole step.
      try (PointerScope _ = new PointerScope()) {
        DecoderOperations.Projections projected = pass.project(layer);
        pass.finish(
            layer,
            attention.attend(layer, projected.queries(), projected.keys(), projected.values()));
      }
    }
    return pass.result();
  }

  /// Logits of hidden states, f32.
  ///
  /// @param hidden `[…, hidden]`
  /// @return `[…, vocabulary]`
  public Tensor logits(Tensor hidden) {
    return operations.logits(hidden);
  }
}
