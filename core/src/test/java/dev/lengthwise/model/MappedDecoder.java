package dev.lengthwise.model;

import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.RandomWeights;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Decoders with random weights in place, as those of files, for tests.
public final class MappedDecoder {

  private MappedDecoder() {}

  /// A decoder without biases, whose head is the embedding.
  public static Decoder random(ModelSpec spec, WeightType type, Workers workers, Arena arena) {
    Map<WeightId, Projection> projections = new LinkedHashMap<>();
    Map<WeightId, Tensor> gains = new LinkedHashMap<>();
    int seed = 1;
    for (WeightSpec weight : WeightList.of(spec)) {
      if (weight.role().isMatrix()) {
        int outputs = Math.toIntExact(weight.shape().getFirst());
        int inputs = Math.toIntExact(weight.shape().getLast());
        projections.put(
            weight.id(),
            new Projection.Mapped(RandomWeights.of(type, outputs, inputs, seed++, arena)));
      } else {
        gains.put(weight.id(), torch.full(weight.dimensions(), new Scalar(0.2)).retainReference());
      }
    }
    projections.put(
        WeightId.of(Slot.HEAD),
        Objects.requireNonNull(projections.get(WeightId.of(Slot.EMBEDDING))));
    return Decoder.mapped(
        spec,
        new Weights(projections, gains),
        new MappedArithmetic(new MatrixProducts(workers), false, () -> {}));
  }
}
