package dev.lengthwise.bench;

import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.Linear;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A decoder with random weights in memory.
public final class SyntheticModel {

  private static final Map<String, RandomWeights> TYPES =
      new TreeMap<>(
          Map.of(
              "f32", (outputs, inputs) -> dense(ScalarType.Float, outputs, inputs),
              "bf16", (outputs, inputs) -> dense(ScalarType.BFloat16, outputs, inputs)));

  private SyntheticModel() {}

  /// What makes weights of a type.
  ///
  /// @throws IllegalArgumentException for an unknown type
  public static RandomWeights weights(String type) {
    RandomWeights weights = TYPES.get(type);
    if (weights == null) {
      throw new IllegalArgumentException(
          "weights '%s' are none of %s".formatted(type, TYPES.keySet()));
    }
    return weights;
  }

  /// The decoder. Its weights live until the process ends.
  public static Decoder decoder(
      SyntheticShape shape, PositionMethod declared, RandomWeights weights) {
    ModelSpec spec = shape.spec(declared);
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < shape.layers(); layer++) {
      layers.add(layer(spec, weights));
    }
    Linear head = weights.linear(shape.vocabulary(), shape.hidden());
    Tensor embedding = dense(ScalarType.BFloat16, shape.vocabulary(), shape.hidden()).weight();
    return new Decoder(spec, new DecoderWeights(embedding, layers, ones(spec.hiddenSize()), head));
  }

  private static DecoderWeights.Layer layer(ModelSpec spec, RandomWeights weights) {
    ModelShape shape = spec.shape();
    int hidden = spec.hiddenSize();
    int queries = shape.heads() * shape.headSize();
    int keys = shape.keyValueHeads() * shape.headSize();
    return new DecoderWeights.Layer(
        ones(hidden),
        weights.linear(queries, hidden),
        weights.linear(keys, hidden),
        weights.linear(keys, hidden),
        weights.linear(hidden, queries),
        ones(hidden),
        weights.linear(spec.feedForwardSize(), hidden),
        weights.linear(spec.feedForwardSize(), hidden),
        weights.linear(hidden, spec.feedForwardSize()));
  }

  private static Linear dense(ScalarType type, int outputs, int inputs) {
    try (PointerScope _ = new PointerScope()) {
      Tensor weight = torch.randn(new long[] {outputs, inputs});
      weight.mul_(new Scalar(1 / Math.sqrt(inputs)));
      return new Linear(weight.to(type).retainReference());
    }
  }

  private static Tensor ones(long size) {
    try (PointerScope _ = new PointerScope()) {
      return torch.ones(new long[] {size}).retainReference();
    }
  }
}
