package dev.lengthwise.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.pytorch.Tensor;

/// The memory of a tensor `[batch, rows, heads, headSize]` of floats, of any strides but the last.
///
/// The tensor must stay reachable while this is in use.
public record HeadRows(
    MemorySegment memory, long batchStride, long rowStride, long headStride, int headSize) {

  /// The memory of a tensor of floats on the CPU; throws where it is another. Reading the memory of
  /// a tensor is what a restricted method is for.
  public static HeadRows of(Tensor tensor) {
    return of(tensor, 4);
  }

  /// The memory of the rows of one text, `[rows, heads, headSize]`; otherwise as [#of].
  public static HeadRows ofText(Tensor tensor) {
    return of(tensor, 3);
  }

  // Asks libtorch as little as possible: this runs for every layer of every token.
  @SuppressWarnings("restricted")
  private static HeadRows of(Tensor tensor, int dimensions) {
    if (!tensor.is_floating_point() || tensor.element_size() != Float.BYTES || !tensor.is_cpu()) {
      throw new IllegalArgumentException(
          "the vector engine needs float32 tensors on the CPU, found " + tensor.scalar_type());
    }
    long[] strides = new long[dimensions];
    long headSize = 0;
    long last = 0;
    for (int dimension = 0; dimension < dimensions; dimension++) {
      headSize = tensor.size(dimension);
      strides[dimension] = tensor.stride(dimension);
      last += (headSize - 1) * strides[dimension];
    }
    if (headSize > 1 && strides[dimensions - 1] != 1) {
      throw new IllegalArgumentException("channels of a head must be neighbours in memory");
    }
    MemorySegment memory =
        MemorySegment.ofAddress(tensor.data_ptr().address())
            .reinterpret(Math.max(0, last + 1) * Float.BYTES);
    return new HeadRows(
        memory,
        dimensions == 4 ? strides[0] : 0,
        strides[dimensions - 3],
        strides[dimensions - 2],
        (int) headSize);
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
