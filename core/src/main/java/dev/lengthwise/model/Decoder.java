package dev.lengthwise.model;

import dev.lengthwise.recurrence.ComplexTensor;
import java.util.function.ObjIntConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// The one decoder, for training (autograd records every operation) and for inference; what it
/// computes with is its [DecoderOperations].
///
/// It holds no state beside its weights and knows nothing of positions: those are in the
/// [LayerAttention] that is passed to each call.
public final class Decoder {

  private final ModelSpec spec;
  private final ModelWeights weights;
  private final DecoderOperations operations;

  /// A decoder in libtorch.
  public Decoder(ModelSpec spec, NamedWeights weights) {
    this(spec, weights, new TorchOperations(spec, weights));
  }

  /// A decoder with these operations on these weights.
  public Decoder(ModelSpec spec, ModelWeights weights, DecoderOperations operations) {
    this.spec = spec;
    this.weights = weights;
    this.operations = operations;
  }

  /// The architecture.
  public ModelSpec spec() {
    return spec;
  }

  /// The weights.
  public ModelWeights weights() {
    return weights;
  }

  /// Final hidden states, after the last norm.
  ///
  /// @param ids `[batch, tokens]`, int64
  /// @return `[batch, tokens, hidden]`, f32, or f64 of weights in f64
  public Tensor hidden(Tensor ids, LayerAttention attention) {
    return hidden(ids, attention, (_, _) -> {});
  }

  /// As `hidden`, and shows the stream after every layer.
  ///
  /// @param streams takes what a layer passes on, `[batch, tokens, hidden]`, valid until it
  ///     returns, and the index of the layer
  public Tensor hidden(Tensor ids, LayerAttention attention, ObjIntConsumer<Tensor> streams) {
    DecoderOperations.Pass pass = operations.start(ids);
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      // What a layer makes on its way is released at its end, not at that of the whole step.
      try (PointerScope _ = new PointerScope()) {
        pass.finish(layer, answer(layer, pass.project(layer), attention));
        streams.accept(pass.stream(), layer);
      }
    }
    return pass.result();
  }

  /// What `attention` answers to a layer.
  static Tensor answer(int layer, DecoderOperations.Mixing mixing, LayerAttention attention) {
    return switch (mixing) {
      case DecoderOperations.Projections(Tensor queries, Tensor keys, Tensor values) ->
          attention.attend(layer, queries, keys, values);
      case DecoderOperations.Recurrence(ComplexTensor inputs, ComplexTensor decay) ->
          attention.recur(layer, inputs, decay).joined();
    };
  }

  /// Logits of hidden states, of their type.
  ///
  /// @param hidden `[…, hidden]`
  /// @return `[…, vocabulary]`
  public Tensor logits(Tensor hidden) {
    return operations.logits(hidden);
  }
}
