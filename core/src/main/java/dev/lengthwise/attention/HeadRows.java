package dev.lengthwise.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/// Floats `[batch, rows, heads, headSize]` in memory, of any strides but the last.
///
/// Whose memory it is must stay reachable while this is in use.
///
/// @param memory the first float of the first row, and all others
/// @param batch texts, or rows of texts that have one token each
/// @param rows tokens of each
/// @param heads query heads, or key and value heads
/// @param headSize channels of a head, neighbours in memory
/// @param batchStride floats from a text to the next
/// @param rowStride floats from a token to the next
/// @param headStride floats from a head to the next
public record HeadRows(
    MemorySegment memory,
    int batch,
    int rows,
    int heads,
    int headSize,
    long batchStride,
    long rowStride,
    long headStride) {

  /// Checks that the memory holds all rows: kernels do not.
  public HeadRows {
    long last =
        (batch - 1) * batchStride + (rows - 1) * rowStride + (heads - 1) * headStride + headSize;
    if (batch < 0
        || rows < 0
        || heads < 0
        || headSize < 0
        || last * Float.BYTES > memory.byteSize()) {
      throw new IllegalArgumentException(
          "%d · %d rows of %d heads of %d floats do not fit %d bytes"
              .formatted(batch, rows, heads, headSize, memory.byteSize()));
    }
  }

  /// Rows without gaps.
  ///
  /// @throws IndexOutOfBoundsException when `memory` is too small for them
  public static HeadRows contiguous(
      MemorySegment memory, int batch, int rows, int heads, int headSize) {
    long row = (long) heads * headSize;
    return new HeadRows(
        memory.asSlice(0, (long) batch * rows * row * Float.BYTES),
        batch,
        rows,
        heads,
        headSize,
        rows * row,
        row,
        headSize);
  }

  /// The memory of a tensor of floats on the CPU; throws where it is another. Reading the memory of
  /// a tensor is what a restricted method is for.
  public static HeadRows of(Tensor tensor) {
    return of(tensor, 4);
  }

  /// The memory of the rows of one text, `[rows, heads, headSize]`; otherwise as [#of].
  public static HeadRows ofText(Tensor tensor) {
    return of(tensor, 3);
  }

  // Asks libtorch as little as possible: some models come here for every layer of every token.
  @SuppressWarnings("restricted")
  private static HeadRows of(Tensor tensor, int dimensions) {
    if (!tensor.is_floating_point() || tensor.element_size() != Float.BYTES || !tensor.is_cpu()) {
      throw new IllegalArgumentException(
          "the vector engine needs float32 tensors on the CPU, found " + tensor.scalar_type());
    }
    long[] sizes = new long[dimensions];
    long[] strides = new long[dimensions];
    long last = 0;
    for (int dimension = 0; dimension < dimensions; dimension++) {
      sizes[dimension] = tensor.size(dimension);
      strides[dimension] = tensor.stride(dimension);
      last += (sizes[dimension] - 1) * strides[dimension];
    }
    if (sizes[dimensions - 1] > 1 && strides[dimensions - 1] != 1) {
      throw new IllegalArgumentException("channels of a head must be neighbours in memory");
    }
    MemorySegment memory =
        MemorySegment.ofAddress(tensor.data_ptr().address())
            .reinterpret(Math.max(0, last + 1) * Float.BYTES);
    return new HeadRows(
        memory,
        dimensions == 4 ? (int) sizes[0] : 1,
        (int) sizes[dimensions - 3],
        (int) sizes[dimensions - 2],
        (int) sizes[dimensions - 1],
        dimensions == 4 ? strides[0] : 0,
        strides[dimensions - 3],
        strides[dimensions - 2]);
  }

  /// `count` consecutive rows of every text.
  public HeadRows narrow(int first, int count) {
    Objects.checkFromIndexSize(first, count, rows);
    return new HeadRows(
        memory.asSlice(first * rowStride * Float.BYTES),
        batch,
        count,
        heads,
        headSize,
        batchStride,
        rowStride,
        headStride);
  }

  /// The same with texts as rows and rows as texts.
  public HeadRows transposed() {
    return new HeadRows(memory, rows, batch, heads, headSize, rowStride, batchStride, headStride);
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

  /// The address of a row of one head of the first text, in memory outside the Java heap.
  public long address(int head, long row) {
    return memory.address() + offset(0, head, row) * Float.BYTES;
  }

  private long offset(int batch, int head, long row) {
    return batch * batchStride + row * rowStride + head * headStride;
  }
}
