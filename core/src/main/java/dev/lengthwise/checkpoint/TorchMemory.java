package dev.lengthwise.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The bridge between memory outside the Java heap and libtorch tensors.
public final class TorchMemory {

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

  private TorchMemory() {}

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
      return view(data, entry.shape(), scalarType);
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
    try (Tensor shared = view(data, shape, type)) {
      return shared.clone();
    }
  }

  /// A tensor over `data`, which belongs to somebody else and must outlive it.
  public static Tensor view(MemorySegment data, long[] shape, ScalarType type) {
    try (Address address = new Address(data.address());
        ScalarTypeOptional optional = new ScalarTypeOptional(type);
        TensorOptions empty = new TensorOptions();
        TensorOptions options = empty.dtype(optional)) {
      return torch.from_blob(address, shape, options);
    }
  }

  /// The stored type for a libtorch dtype; empty when files here have none.
  static Optional<DataType> dataTypeOf(Tensor tensor) {
    ScalarType type = tensor.scalar_type().intern();
    return SCALAR_TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == type)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /// The memory of a contiguous CPU tensor; valid while the tensor is.
  // Restricted because a wrong size would read foreign memory: the size is libtorch's own, and
  // there is no other way from a native address to more than 2 GB of bytes.
  @SuppressWarnings("restricted")
  public static MemorySegment bytesOf(Tensor contiguous) {
    try (Pointer pointer = contiguous.data_ptr()) {
      long bytes = contiguous.numel() * contiguous.element_size();
      return bytes == 0
          ? MemorySegment.ofArray(new byte[0])
          : MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
    }
  }

  /// A pointer to memory that somebody else owns.
  private static final class Address extends Pointer {
    Address(long address) {
      super((Pointer) null);
      this.address = address;
    }
  }
}
