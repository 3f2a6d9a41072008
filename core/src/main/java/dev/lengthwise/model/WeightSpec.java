package dev.lengthwise.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// A weight of a model: which one, what it is for, which decides how it is initialised, and its
/// shape.
///
/// @param id which weight
/// @param role what it is for
/// @param shape outermost dimension first: `[outputs, inputs]` or `[channels]`
public record WeightSpec(WeightId id, WeightRole role, List<Long> shape) {

  /// Copies the shape.
  public WeightSpec {
    shape = List.copyOf(shape);
  }

  static WeightSpec of(WeightId id, WeightRole role, long... shape) {
    return new WeightSpec(id, role, LongStream.of(shape).boxed().toList());
  }

  /// Its name here and in run folders.
  public String name() {
    return id.name();
  }

  /// The shape as libtorch takes it.
  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /// Number of elements.
  public long elements() {
    return Arrays.stream(dimensions()).reduce(1, (left, right) -> left * right);
  }
}
