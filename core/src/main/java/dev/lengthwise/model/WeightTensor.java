package dev.lengthwise.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// A tensor of a model: its name, shape and what it is for, which decides how it is initialised.
///
/// @param name within its layer or model
/// @param role what it is for
/// @param shape outermost dimension first
public record WeightTensor(String name, WeightRole role, List<Long> shape) {

  /// Copies the shape.
  public WeightTensor {
    shape = List.copyOf(shape);
  }

  /// A tensor of this shape.
  static WeightTensor of(String name, WeightRole role, long... shape) {
    return new WeightTensor(name, role, LongStream.of(shape).boxed().toList());
  }

  /// The shape as libtorch takes it.
  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /// Number of elements.
  public long elements() {
    return Arrays.stream(dimensions()).reduce(1, (left, right) -> left * right);
  }

  WeightTensor in(String prefix) {
    return new WeightTensor(prefix + name, role, shape);
  }

  static List<WeightTensor> in(String prefix, List<WeightTensor> tensors) {
    return tensors.stream().map(tensor -> tensor.in(prefix)).toList();
  }
}
