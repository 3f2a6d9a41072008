package dev.lengthwise.model;

import dev.lengthwise.model.WeightId.Part;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the queries and keys of a layer get added before they turn: zeros where the layer has no
/// bias. The arrays are the caller's.
///
/// @param query `[heads][headSize]`, half-split rotary layout
/// @param key `[keyValueHeads][headSize]`, likewise
@SuppressWarnings("ArrayRecordComponent")
public record QueryKeyBiases(double[][] query, double[][] key) {

  /// The biases of a layer that attends; of a gated attention unit, its offsets.
  public static QueryKeyBiases of(Decoder decoder, int layer) {
    Weights weights = decoder.weights();
    return switch (decoder.spec().layers().get(layer).mixer()) {
      case Mixer.Attention _ ->
          of(
              decoder.spec(),
              layer,
              values(weights, layer, Slot.QUERY),
              values(weights, layer, Slot.KEY));
      case Mixer.GatedUnit _ ->
          of(
              decoder.spec(),
              layer,
              values(weights, layer, Slot.UNIT_QUERY),
              values(weights, layer, Slot.UNIT_KEY));
      case Mixer.LatentAttention _, Mixer.Recurrence _ ->
          of(decoder.spec(), layer, new double[0], new double[0]);
    };
  }

  private static QueryKeyBiases of(ModelSpec spec, int layer, double[] query, double[] key) {
    int size = spec.shape().headSize();
    return new QueryKeyBiases(
        byHead(query, spec.heads(layer), size), byHead(key, spec.keyValueHeads(layer), size));
  }

  /// Whether any bias is not zero.
  public boolean isBiased() {
    return Stream.of(query, key)
        .flatMap(Arrays::stream)
        .flatMapToDouble(Arrays::stream)
        .anyMatch(value -> value != 0);
  }

  private static double[] values(Weights weights, int layer, Slot slot) {
    WeightId id = WeightId.of(layer, slot);
    return switch (slot) {
      case UNIT_QUERY, UNIT_KEY -> TensorNumbers.doubles(weights.find(id.with(Part.OFFSET)));
      default ->
          switch (weights.projection(id)) {
            case Projection.Dense dense -> TensorNumbers.doubles(dense.bias());
            case Projection.Mapped mapped -> doubles(mapped.placedBias());
          };
    };
  }

  private static double[] doubles(float @Nullable [] floats) {
    if (floats == null) {
      return new double[0];
    }
    double[] values = new double[floats.length];
    for (int index = 0; index < values.length; index++) {
      values[index] = floats[index];
    }
    return values;
  }

  private static double[][] byHead(double[] values, int heads, int headSize) {
    double[][] rows = new double[heads][headSize];
    for (int head = 0; values.length > 0 && head < heads; head++) {
      rows[head] = Arrays.copyOfRange(values, head * headSize, (head + 1) * headSize);
    }
    return rows;
  }
}
