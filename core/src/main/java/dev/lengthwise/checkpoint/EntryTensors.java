package dev.lengthwise.checkpoint;

import dev.lengthwise.torch.TorchMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Stored tensors as tensors of libtorch, and their types.
public final class EntryTensors {

  private static final Map<DataType, ScalarType> SCALAR_TYPES =
      new EnumMap<>(
          Map.of(
              DataType.F64, ScalarType.Double,
              DataType.F32, ScalarType.Float,
              DataType.F16, ScalarType.Half,
              DataType.BF16, ScalarType.BFloat16,
              DataType.I64, ScalarType.Long,
              DataType.I32, ScalarType.Int,
              DataType.I16, ScalarType.Short,
              DataType.I8, ScalarType.Char,
              DataType.U8, ScalarType.Byte,
              DataType.BOOL, ScalarType.Bool));

  private EntryTensors() {}

  /// See [TensorEntry#toTensor].
  static Tensor tensorOf(TensorEntry entry) {
    if (!entry.data().scope().isAlive()) {
      throw new IllegalStateException(
          "the checkpoint of tensor \"" + entry.name() + "\" is closed");
    }
    ScalarType scalarType = SCALAR_TYPES.get(entry.type());
    if (scalarType == null) {
      return dequantised(entry);
    }
    MemorySegment data = entry.data();
    if (data.isNative() && data.address() % entry.type().blockBytes() == 0) {
      return TorchMemory.view(data, entry.shape(), scalarType);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(data.byteSize(), 1), Long.BYTES);
      copy.copyFrom(data);
      return copyOf(copy, entry.shape(), scalarType);
    }
  }

  private static Tensor dequantised(TensorEntry entry) {
    try (Arena arena = Arena.ofConfined()) {
      long elements = entry.type().readable() ? entry.elements() : 0;
      MemorySegment floats = arena.allocate(Math.max(elements, 1) * Float.BYTES, Float.BYTES);
      entry.decodeTo(floats);
      return copyOf(floats, entry.shape(), ScalarType.Float);
    }
  }

  private static Tensor copyOf(MemorySegment data, long[] shape, ScalarType type) {
    try (Tensor shared = TorchMemory.view(data, shape, type)) {
      return shared.clone();
    }
  }

  /// The stored type for a libtorch dtype; empty when files here have none.
  public static Optional<DataType> dataTypeOf(Tensor tensor) {
    ScalarType type = tensor.scalar_type().intern();
    return SCALAR_TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == type)
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
