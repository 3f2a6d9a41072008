package dev.lengthwise.model;

import dev.lengthwise.model.WeightId.Part;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The weights of a decoder: a projection for every matrix, and every other number as a tensor.
///
/// Outputs of query and key projections are in half-split rotary layout.
public final class Weights {

  /// What rows are divided by at least where they are divided by their lengths, so that a row of
  /// zeros stays one.
  public static final double SHORTEST_ROW = 1e-12;

  private final Map<WeightId, Projection> projections;
  private final Map<WeightId, Tensor> vectors;

  /// Weights of these parts.
  ///
  /// @param projections by the ids of their matrices; a tied head need not be among them
  /// @param vectors gains, biases of norms and the like, f32 (or f64)
  public Weights(Map<WeightId, Projection> projections, Map<WeightId, Tensor> vectors) {
    this.projections = new LinkedHashMap<>(projections);
    this.vectors = Map.copyOf(vectors);
  }

  /// Weights as libtorch's tensors; gradients flow to them.
  ///
  /// @param tensors by name: everything of [WeightList#of]
  /// @param type of matrix products, `null` for that of the tensors; casts belong to the innermost
  ///     scope
  public static Weights dense(
      ModelSpec spec, Map<String, Tensor> tensors, @Nullable ScalarType type) {
    Map<WeightId, Projection> projections = new LinkedHashMap<>();
    Map<WeightId, Tensor> vectors = new HashMap<>();
    for (WeightSpec weight : WeightList.of(spec)) {
      WeightId id = weight.id();
      Tensor tensor = found(tensors.get(weight.name()), id);
      if (weight.role().isMatrix()) {
        Tensor rows = id.slot() == Slot.HEAD && spec.head().unitRows() ? unitRows(tensor) : tensor;
        Tensor typed = id.slot().role() == WeightRole.EMBEDDING ? tensor : as(type, rows);
        Tensor bias = tensors.get(id.with(Part.BIAS).name());
        projections.put(id, new Projection.Dense(typed, bias));
      } else {
        vectors.put(id, tensor);
      }
    }
    if (spec.head().tied()) {
      Tensor embedding = found(tensors.get(WeightId.of(Slot.EMBEDDING).name()), "the embedding");
      Tensor bias = tensors.get(WeightId.of(Slot.HEAD).with(Part.BIAS).name());
      projections.put(WeightId.of(Slot.HEAD), new Projection.Dense(as(type, embedding), bias));
    }
    return new Weights(projections, vectors);
  }

  /// The rows of a matrix divided by their Euclidean lengths, at least [#SHORTEST_ROW]. Gradients
  /// flow through the division.
  public static Tensor unitRows(Tensor matrix) {
    Tensor squares = matrix.mul(matrix).sum(new long[] {1}, true, new ScalarTypeOptional());
    // The square root of zero has no derivative: the bound comes before it.
    return matrix.div(squares.clamp_min(new Scalar(SHORTEST_ROW * SHORTEST_ROW)).sqrt());
  }

  private static Tensor as(@Nullable ScalarType type, Tensor tensor) {
    return type == null || tensor.scalar_type().intern() == type ? tensor : tensor.to(type);
  }

  /// The projection at a place; `IllegalStateException` when there is none.
  public Projection projection(WeightId id) {
    return found(projections.get(id), id);
  }

  /// The projection at a place of a layer.
  public Projection projection(int layer, Slot slot) {
    return projection(WeightId.of(layer, slot));
  }

  /// A tensor that is no projection.
  public Tensor vector(WeightId id) {
    return found(vectors.get(id), id);
  }

  /// A tensor that is no projection, or `null`.
  public @Nullable Tensor find(WeightId id) {
    return vectors.get(id);
  }

  /// A norm with its numbers.
  BoundNorm norm(int layer, Slot slot, Norm norm) {
    WeightId id = WeightId.of(layer, slot);
    return new BoundNorm(
        norm, norm.gain() ? vector(id) : null, norm.bias() ? vector(id.with(Part.BIAS)) : null);
  }

  /// Every projection, the embedding among them.
  public Map<WeightId, Projection> projections() {
    return Map.copyOf(projections);
  }

  private static <T> T found(@Nullable T value, Object id) {
    if (value == null) {
      throw new IllegalStateException("no weight " + id);
    }
    return value;
  }
}
