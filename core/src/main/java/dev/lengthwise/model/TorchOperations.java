package dev.lengthwise.model;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A decoder's operations in libtorch, which records them for gradients, for every architecture.
///
/// The stream, norms and recurrences are f32, or f64 when the embedding is. Where a type was chosen
/// for products, what attention and feed-forward block make between them stays in that type.
final class TorchOperations implements DecoderOperations {

  private final ModelSpec spec;
  private final NamedWeights weights;

  TorchOperations(ModelSpec spec, NamedWeights weights) {
    this.spec = spec;
    this.weights = weights;
  }

  @Override
  public TorchPass start(Tensor ids) {
    Tensor embedded = torch.embedding(weights.embedding(), ids);
    Tensor stream =
        switch (embedded.scalar_type().intern()) {
          case Float, Double -> embedded;
          default -> embedded.to(torch.ScalarType.Float);
        };
    return new TorchPass(
        spec.architecture().placement() == Architecture.Placement.POST
            ? norm(weights.root(), DecoderTensors.EMBEDDING_NORM, stream)
            : stream);
  }

  /// A pass that goes on from a stream between two layers, or after the last.
  TorchPass resume(Tensor stream) {
    return new TorchPass(stream);
  }

  @Override
  public Tensor logits(Tensor hidden) {
    return weights.head().apply(hidden);
  }

  private Tensor norm(NamedWeights.Part own, String name, Tensor stream) {
    TensorOptional gain = optional(own.find(name + ".weight"));
    long[] size = {spec.hiddenSize()};
    return switch (spec.architecture().norm()) {
      case RMS, RMS_WITHOUT_GAIN ->
          torch.rms_norm(stream, size, gain, new DoubleOptional(spec.normEpsilon()));
      case LAYER_NORM ->
          torch.layer_norm(
              stream, size, gain, optional(own.find(name + ".bias")), spec.normEpsilon(), false);
    };
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }

  private Tensor feedForward(NamedWeights.Part own, Tensor normed) {
    Tensor input = weights.forProducts(normed);
    Tensor up = own.projection(DecoderTensors.UP).apply(input);
    Tensor inner =
        switch (spec.architecture().feedForward()) {
          case SWIGLU -> torch.silu(own.projection("mlp.gate_proj").apply(input)).mul(up);
          case GELU, GELU_WITH_BIAS -> torch.gelu(up);
        };
    return own.projection(DecoderTensors.DOWN).apply(inner);
  }

  private TokenMixing mix(int layer, NamedWeights.Part own, Tensor input) {
    return switch (spec.architecture().block(layer)) {
      case ATTENTION, ATTENTION_WITH_BIAS ->
          MultiHeadAttention.start(spec, own, weights.forProducts(input));
      case GAU, GAU_SQUARED_RELU -> GatedAttentionUnit.start(spec, own, weights.forProducts(input));
      case LRU -> LinearRecurrentUnit.start(own, input);
    };
  }

  /// A pass, whose stream can be looked at between layers.
  final class TorchPass implements Pass {

    private final @Nullable PointerScope callers = PointerScope.getInnerScope();
    private final Architecture.Placement placement = spec.architecture().placement();
    private Tensor stream; // [batch, tokens, hidden]
    private @Nullable Open open;

    private TorchPass(Tensor stream) {
      this.stream = stream;
    }

    @Override
    public Tensor stream() {
      return stream;
    }

    @Override
    public Mixing project(int layer) {
      NamedWeights.Part own = weights.layer(layer);
      Tensor input =
          placement == Architecture.Placement.POST
              ? stream
              : norm(own, DecoderTensors.MIXER_NORM, stream);
      TokenMixing mixing = mix(layer, own, input);
      open = new Open(input, mixing);
      return mixing.question();
    }

    @Override
    public void finish(int layer, Tensor answer) {
      if (open == null) {
        throw new IllegalStateException("a layer is finished that was not begun");
      }
      NamedWeights.Part own = weights.layer(layer);
      Tensor mixed = stream.add(open.mixing().finish().apply(answer));
      stream = kept(rest(layer, own, open.input(), mixed));
      open = null;
    }

    // Norms and the feed-forward block.
    private Tensor rest(int layer, NamedWeights.Part own, Tensor input, Tensor mixed) {
      boolean gated = spec.architecture().block(layer).isGated();
      return switch (placement) {
        case PRE ->
            gated
                ? mixed
                : mixed.add(feedForward(own, norm(own, DecoderTensors.FEED_FORWARD_NORM, mixed)));
        case PARALLEL -> mixed.add(feedForward(own, input));
        case PARALLEL_TWO_NORMS ->
            mixed.add(feedForward(own, norm(own, DecoderTensors.FEED_FORWARD_NORM, stream)));
        case POST -> {
          Tensor normed = norm(own, DecoderTensors.MIXER_NORM, mixed);
          yield gated
              ? normed
              : norm(own, DecoderTensors.FEED_FORWARD_NORM, normed.add(feedForward(own, normed)));
        }
      };
    }

    // The stream outlives the scope of its layer.
    private Tensor kept(Tensor tensor) {
      if (callers == null) {
        return tensor.retainReference();
      }
      callers.attach(tensor);
      return tensor;
    }

    @Override
    public Tensor result() {
      return placement == Architecture.Placement.POST
          ? stream
          : norm(weights.root(), DecoderTensors.LAST_NORM, stream);
    }
  }

  /// A layer between its two halves.
  ///
  /// @param input what its token mixer got
  private record Open(Tensor input, TokenMixing mixing) {}
}
