package dev.lengthwise.bench;

import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.Linear;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.StoredOperations;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A decoder with random weights in memory, for its speed only.
public final class SyntheticModel {

  /// Distinct weights of a matrix, which take turns: enough to look random, few enough that a model
  /// of billions is made in a second.
  private static final int DISTINCT = 1 << 14;

  private final ModelSpec spec;
  private final WeightType type;
  private final Arena arena;
  private final SplittableRandom random = new SplittableRandom(1);

  private SyntheticModel(ModelSpec spec, WeightType type, Arena arena) {
    this.spec = spec;
    this.type = type;
    this.arena = arena;
  }

  /// The type that `name` names.
  ///
  /// @throws IllegalArgumentException for an unknown name
  public static WeightType weightType(String name) {
    for (WeightType type : WeightType.values()) {
      if (type.name().equalsIgnoreCase(name)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "weights '%s' are none of %s"
            .formatted(name, Arrays.toString(WeightType.values()).toLowerCase(Locale.ROOT)));
  }

  /// A decoder for inference.
  ///
  /// @param type of the projections; the embedding is in bf16
  /// @param bf16 whether products of many tokens run in bf16
  /// @param arena holds the weights
  public static Decoder decoder(
      SyntheticShape shape,
      PositionMethod declared,
      WeightType type,
      boolean bf16,
      Workers workers,
      Arena arena) {
    ModelSpec spec = shape.spec(declared);
    DecoderWeights weights = new SyntheticModel(spec, type, arena).weights();
    MatrixProducts products = new MatrixProducts(workers);
    return new Decoder(
        spec, weights, new StoredOperations(spec, weights, products, bf16, () -> {}));
  }

  private DecoderWeights weights() {
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      layers.add(layer());
    }
    return new DecoderWeights(
        matrix(WeightType.BF16, spec.vocabularySize(), spec.hiddenSize()),
        layers,
        ones(spec.hiddenSize()),
        matrix(type, spec.vocabularySize(), spec.hiddenSize()));
  }

  private DecoderWeights.Layer layer() {
    ModelShape shape = spec.shape();
    int hidden = spec.hiddenSize();
    int inner = spec.feedForwardSize();
    int queries = shape.heads() * shape.headSize();
    int keys = shape.keyValueHeads() * shape.headSize();
    return new DecoderWeights.Layer(
        ones(hidden),
        matrix(type, queries, hidden),
        matrix(type, keys, hidden),
        matrix(type, keys, hidden),
        matrix(type, hidden, queries),
        ones(hidden),
        matrix(type, inner, hidden),
        matrix(type, inner, hidden),
        matrix(type, hidden, inner));
  }

  private Linear matrix(WeightType stored, int outputs, int inputs) {
    return new Linear.Stored(matrix(stored, outputs, inputs, random, arena));
  }

  /// A matrix of weights of about `1/√inputs`, in the memory of `arena`.
  public static WeightMatrix matrix(
      WeightType stored, int outputs, int inputs, SplittableRandom random, Arena arena) {
    if (inputs % stored.blockSize() != 0) {
      throw new IllegalArgumentException(
          "%s stores blocks of %d weights, which do not divide rows of %d"
              .formatted(stored, stored.blockSize(), inputs));
    }
    float[] values = new float[Math.max(DISTINCT, stored.blockSize())];
    for (int n = 0; n < values.length; n++) {
      values[n] = (float) (random.nextGaussian() / Math.sqrt(inputs));
    }
    MemorySegment pattern = arena.allocate(stored.bytes(values.length), 64);
    stored.encode(values, pattern);
    long bytes = outputs * stored.bytes(inputs);
    MemorySegment data = arena.allocate(bytes, 64);
    for (long at = 0; at < bytes; at += pattern.byteSize()) {
      long count = Math.min(pattern.byteSize(), bytes - at);
      MemorySegment.copy(pattern, 0, data, at, count);
    }
    return new WeightMatrix(stored, outputs, inputs, data);
  }

  private static Tensor ones(long size) {
    try (PointerScope _ = new PointerScope()) {
      return torch.ones(new long[] {size}).retainReference();
    }
  }
}
