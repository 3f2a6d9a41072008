package dev.lengthwise.model;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A decoder's operations in libtorch, which records them for gradients; weights are
/// [Linear.Dense].
final class TorchOperations implements DecoderOperations {

  private final ModelSpec spec;
  private final DecoderWeights weights;

  TorchOperations(ModelSpec spec, DecoderWeights weights) {
    this.spec = spec;
    this.weights = weights;
  }

  @Override
  public Pass start(Tensor ids) {
    Tensor stream = torch.embedding(dense(weights.embedding()).weight(), ids);
    return new TorchPass(
        stream.scalar_type().intern() == torch.ScalarType.Float
            ? stream
            : stream.to(torch.ScalarType.Float));
  }

  @Override
  public Tensor logits(Tensor hidden) {
    return dense(weights.requireHead()).apply(hidden);
  }

  private static Linear.Dense dense(Linear linear) {
    return switch (linear) {
      case Linear.Dense dense -> dense;
      case Linear.Stored _ ->
          throw new IllegalArgumentException("libtorch needs weights that are tensors");
    };
  }

  private Tensor norm(Tensor stream, Tensor gain) {
    return torch.rms_norm(
        stream,
        new long[] {spec.hiddenSize()},
        new TensorOptional(gain),
        new DoubleOptional(spec.normEpsilon()));
  }

  private final class TorchPass implements Pass {

    private final @Nullable PointerScope callers = PointerScope.getInnerScope();
    private Tensor stream; // [batch, tokens, hidden]

    TorchPass(Tensor stream) {
      this.stream = stream;
    }

    @Override
    public Projections project(int layer) {
      DecoderWeights.Layer own = weights.layers().get(layer);
      Tensor normed = norm(stream, own.attentionNorm());
      int keyHeads = spec.shape().keyValueHeads();
      return new Projections(
          heads(dense(own.query()).apply(normed), spec.shape().heads()),
          heads(dense(own.key()).apply(normed), keyHeads),
          heads(dense(own.value()).apply(normed), keyHeads));
    }

    // [batch, tokens, heads · headSize] → [batch, tokens, heads, headSize]
    private Tensor heads(Tensor projected, int heads) {
      return projected.view(projected.size(0), projected.size(1), heads, spec.shape().headSize());
    }

    @Override
    public void finish(int layer, Tensor attended) {
      DecoderWeights.Layer own = weights.layers().get(layer);
      Tensor between = stream.add(dense(own.output()).apply(attended.flatten(2, 3)));
      Tensor inner = norm(between, own.feedForwardNorm());
      Tensor gated = torch.silu(dense(own.gate()).apply(inner)).mul(dense(own.up()).apply(inner));
      stream = kept(between.add(dense(own.down()).apply(gated)));
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
      return norm(stream, weights.norm());
    }
  }
}
