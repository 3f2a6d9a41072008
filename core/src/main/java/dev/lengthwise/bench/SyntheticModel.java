package dev.lengthwise.bench;

import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.MappedArithmetic;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Projection;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightRole;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.PositionMethod;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
      MatrixProducts products,
      Arena arena) {
    return decoder(shape.spec(declared), type, bf16, products, arena);
  }

  /// A decoder of any model plan for inference.
  ///
  /// @param type of the projections; the embedding is in bf16
  /// @param bf16 whether products of many tokens run in bf16
  /// @param arena holds the weights
  public static Decoder decoder(
      ModelSpec spec, WeightType type, boolean bf16, MatrixProducts products, Arena arena) {
    Weights weights = new SyntheticModel(spec, type, arena).weights();
    return Decoder.mapped(spec, weights, new MappedArithmetic(products, bf16, () -> {}));
  }

  private Weights weights() {
    Map<WeightId, Projection> projections = new LinkedHashMap<>();
    Map<WeightId, Tensor> vectors = new LinkedHashMap<>();
    for (WeightSpec weight : WeightList.of(spec)) {
      if (weight.role().isMatrix()) {
        projections.put(weight.id(), projection(weight));
      } else if (!isBiasOfProjection(weight.id())) {
        vectors.put(weight.id(), ones(weight.elements()));
      }
    }
    if (spec.head().tied()) {
      projections.put(WeightId.of(Slot.HEAD), projections.get(WeightId.of(Slot.EMBEDDING)));
    }
    return new Weights(projections, vectors);
  }

  private static boolean isBiasOfProjection(WeightId id) {
    return id.part() == WeightId.Part.BIAS && id.slot().role() != WeightRole.GAIN;
  }

  private Projection projection(WeightSpec weight) {
    WeightType stored = weight.role() == WeightRole.EMBEDDING ? WeightType.BF16 : type;
    return new Projection.Mapped(
        matrix(
            stored,
            Math.toIntExact(weight.shape().getFirst()),
            Math.toIntExact(weight.shape().getLast()),
            random,
            arena));
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
