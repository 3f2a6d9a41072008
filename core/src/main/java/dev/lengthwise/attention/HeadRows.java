package dev.lengthwise.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The memory of a tensor `[batch, rows, heads, headSize]` of floats, of any strides but the last.
///
/// The tensor must stay reachable while this is in use.
public record HeadRows(
    MemorySegment memory, long batchStride, long rowStride, long headStride, int headSize) {

  /// The memory of a tensor of floats on the CPU; throws where it is another. Reading the memory of
  /// a tensor is what a restricted method is for.
  @SuppressWarnings("restricted")
  public static HeadRows of(Tensor tensor) {
    if (tensor.scalar_type().intern() != torch.ScalarType.Float || !tensor.is_cpu()) {
      throw new IllegalArgumentException(
          "the vector engine needs float32 tensors on the CPU, found " + tensor.scalar_type());
    }
    if (tensor.size(3) > 1 && tensor.stride(3) != 1) {
      throw new IllegalArgumentException("channels of a head must be neighbours in memory");
    }
    long last = 0;
    for (int dimension = 0; dimension < 4; dimension++) {
      last += (tensor.size(dimension) - 1) * tensor.stride(dimension);
    }
    MemorySegment memory =
        MemorySegment.ofAddress(tensor.data_ptr().address())
            .reinterpret(Math.max(0, last + 1) * Float.BYTES);
    return new HeadRows(
        memory, tensor.stride(0), tensor.stride(1), tensor.stride(2), (int) tensor.size(3));
  }

  /// Copies `count` consecutive rows of one head to `target` from index `to` on, `[count,
  /// headSize]`.
  public void read(int batch, int head, long row, int count, float[] target, int to) {
    for (int n = 0; n < count; n++) {
      long from = offset(batch, head, row + n) * Float.BYTES;
      MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, from, target, to + n * headSize, headSize);
    }
  }

  /// Copies `headSize` values of `source` from index `from` on to one row of one head.
  public void write(int batch, int head, long row, float[] source, int from) {
    long to = offset(batch, head, row) * Float.BYTES;
    MemorySegment.copy(source, from, memory, ValueLayout.JAVA_FLOAT, to, headSize);
  }

  private long offset(int batch, int head, long row) {
    return batch * batchStride + row * rowStride + head * headStride;
  }
}
