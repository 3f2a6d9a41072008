package dev.lengthwise.torch;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The bridge between memory outside the Java heap and libtorch tensors.
public final class TorchMemory {

  private TorchMemory() {}

  /// A tensor over `data`, which belongs to somebody else and must outlive it.
  public static Tensor view(MemorySegment data, long[] shape, ScalarType type) {
    try (Address address = new Address(data.address());
        ScalarTypeOptional optional = new ScalarTypeOptional(type);
        TensorOptions empty = new TensorOptions();
        TensorOptions options = empty.dtype(optional)) {
      return torch.from_blob(address, shape, options);
    }
  }

  /// The memory of a contiguous CPU tensor; valid while the tensor is. Restricted because a wrong
  /// size would read foreign memory: the size is libtorch's own, and there is no other way from a
  /// native address to more than 2 GB of bytes.
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
