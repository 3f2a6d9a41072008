package dev.lengthwise.model;

import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Gradient checkpointing: the forward pass keeps only the stream before each layer, and the
/// backward pass computes one layer after the other again. Memory is that of one layer and the
/// streams; time is a third more.
///
/// Source: T. Chen et al. 2016, "Training deep nets with sublinear memory cost".
public final class RecomputedLayers {

  private final Decoder decoder;
  private final LayerAttention attention;

  /// The layers of `decoder`.
  ///
  /// @param attention must answer a layer that is computed again with the same numbers
  public RecomputedLayers(Decoder decoder, LayerAttention attention) {
    this.decoder = decoder;
    this.attention = attention;
  }

  /// A loss and its gradients.
  ///
  /// @param loss its value
  /// @param gradients in the order of the weights, undefined for one without influence
  public record Result(double loss, TensorVector gradients) {}

  /// Logits of hidden states, as [Decoder#logits].
  public Tensor logits(Tensor hidden) {
    return decoder.logits(hidden);
  }

  /// The gradients of a loss.
  ///
  /// @param ids `[batch, tokens]`, int64
  /// @param loss final hidden states → a scalar
  /// @param weights what gradients are wanted for
  public Result gradients(Tensor ids, UnaryOperator<Tensor> loss, TensorVector weights) {
    int layers = decoder.spec().layers().size();
    TensorVector streams = streams(ids, layers);
    Backward backward = new Backward(weights);
    double value;
    try (PointerScope _ = new PointerScope()) {
      Tensor last = leaf(streams.get(layers));
      Tensor output = loss.apply(decoder.last(last));
      backward.through(output, torch.ones_like(output), last);
      value = output.item_double();
    }
    for (int layer = layers - 1; layer >= 0; layer--) {
      try (PointerScope _ = new PointerScope()) {
        Tensor input = leaf(streams.get(layer));
        Tensor output = decoder.layer(layer, input, attention);
        backward.through(output, backward.gradient(), input);
      }
    }
    try (PointerScope _ = new PointerScope()) {
      backward.through(decoder.embedded(ids, attention), backward.gradient());
    }
    return new Result(value, backward.sums());
  }

  // The stream before each layer, and after the last. The vector keeps them beyond their scopes.
  private TensorVector streams(Tensor ids, int layers) {
    TensorVector streams = new TensorVector();
    try (NoGradGuard _ = new NoGradGuard()) {
      streams.push_back(decoder.embedded(ids, attention));
      for (int layer = 0; layer < layers; layer++) {
        try (PointerScope _ = new PointerScope()) {
          streams.push_back(decoder.layer(layer, streams.get(layer), attention));
        }
      }
    }
    return streams;
  }

  private static Tensor leaf(Tensor stream) {
    Tensor leaf = stream.detach();
    leaf.set_requires_grad(true);
    return leaf;
  }

  /// The backward pass so far.
  private static final class Backward {
    private final TensorVector weights;
    private final TensorVector sums; // one for each weight, undefined before its first gradient
    private final TensorVector gradient = new TensorVector(1); // of the stream, where it stands

    Backward(TensorVector weights) {
      this.weights = weights;
      this.sums = new TensorVector(weights.size());
    }

    Tensor gradient() {
      return gradient.get(0);
    }

    TensorVector sums() {
      return sums;
    }

    /// Goes from `output`, whose gradient is `given`, back to its inputs and the weights.
    void through(Tensor output, Tensor given, Tensor... inputs) {
      TensorVector sources = new TensorVector(inputs);
      for (Tensor weight : weights.get()) {
        sources.push_back(weight);
      }
      TensorVector found =
          torch.grad(
              new TensorVector(output),
              sources,
              new TensorVector(given),
              new BoolOptional(),
              false,
              true);
      if (inputs.length > 0) {
        gradient.put(0, found.get(0));
      }
      for (long weight = 0; weight < sums.size(); weight++) {
        Tensor part = found.get(inputs.length + weight);
        if (part.defined()) {
          Tensor sum = sums.get(weight);
          sums.put(weight, sum.defined() ? sum.add(part) : part);
        }
      }
    }
  }
}
