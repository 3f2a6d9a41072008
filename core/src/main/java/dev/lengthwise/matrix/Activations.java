package dev.lengthwise.matrix;

import dev.lengthwise.parallel.Workers;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Passes over activations between matrix products: each reads and writes memory once, and changes
/// between f32 and the type of the products on the way.
///
/// Rows are shared out in pieces whose size depends on their length only; every number has its own
/// computation, so threads change no bit.
public final class Activations {

  /// Numbers of one task: some 5 µs.
  private static final int TASK_NUMBERS = 16 << 10;

  private final Workers workers;
  private final MatrixKernels kernels;
  private final ThreadLocal<Scratch> scratch;

  Activations(Workers workers, MatrixKernels kernels, ThreadLocal<Scratch> scratch) {
    this.workers = workers;
    this.kernels = kernels;
    this.scratch = scratch;
  }

  /// Normalises every row. For norms of single heads, `inputs` may show memory of `[tokens,
  /// heads · headSize]` as `tokens · heads` rows of `headSize`.
  ///
  /// @param target of the same shape; may be `inputs`
  public void norm(FloatRows inputs, Normalization norm, FloatRows target) {
    if (target.columns() != inputs.columns() || target.count() != inputs.count()) {
      throw new IllegalArgumentException("a norm keeps the shape");
    }
    norm(inputs, norm, target.memory(), false);
  }

  /// Normalises every row, as the input of a product.
  ///
  /// @param target `[count, columns]`, bf16 or f32; where it is bf16, not the memory of `inputs`
  public void norm(FloatRows inputs, Normalization norm, MemorySegment target, boolean bf16) {
    int columns = inputs.columns();
    checkWeights(norm.gain(), columns);
    checkWeights(norm.bias(), columns);
    checkSize(target, (long) inputs.count() * columns, bf16);
    long width = width(columns, bf16);
    forRows(
        inputs.count(),
        columns,
        (row, _) ->
            kernels.norm(
                inputs.addressOf(row), columns, norm, target.address() + row * width, bf16));
  }

  /// Rounds rows to bf16.
  ///
  /// @param target `[count, columns]`
  public void narrow(FloatRows inputs, MemorySegment target) {
    int columns = inputs.columns();
    checkSize(target, (long) inputs.count() * columns, true);
    long width = width(columns, true);
    forRows(
        inputs.count(),
        columns,
        (row, _) -> kernels.narrow(inputs.addressOf(row), columns, target.address() + row * width));
  }

  /// Stores products of some neighbouring outputs, times a factor, in their columns, or adds
  /// them to what is there.
  ///
  /// @param products `[count, outputs]`, bf16 or f32
  /// @param block rows and columns of `target`
  /// @param factor 1 costs nothing
  public void store(
      MemorySegment products,
      boolean bf16,
      Block block,
      FloatRows target,
      boolean add,
      float factor) {
    if (block.count() != target.count() || block.columns() != target.columns()) {
      throw new IllegalArgumentException("a block is one of the rows that it goes to");
    }
    checkSize(products, (long) block.count() * block.outputs(), bf16);
    long width = width(block.outputs(), bf16);
    long first = (long) block.first() * Float.BYTES;
    forRows(
        block.count(),
        block.outputs(),
        (row, _) ->
            kernels.store(
                products.address() + row * width,
                bf16,
                block.outputs(),
                target.addressOf(row) + first,
                add,
                factor));
  }

  /// `gating(gates, ups)`, in columns from `first` on of rows of `columns`; computed in f32, and
  /// rounded once.
  ///
  /// @param gates `[count, outputs]`
  /// @param ups of the same shape
  /// @param target `[count, columns]`
  /// @param bf16 whether all are bf16; otherwise all are f32
  public void gate(
      MemorySegment gates,
      MemorySegment ups,
      Gating gating,
      Block block,
      MemorySegment target,
      boolean bf16) {
    checkSize(gates, (long) block.count() * block.outputs(), bf16);
    checkSize(ups, (long) block.count() * block.outputs(), bf16);
    checkSize(target, (long) block.count() * block.columns(), bf16);
    long width = width(block.outputs(), bf16);
    long targetWidth = width(block.columns(), bf16);
    long start = target.address() + width(block.first(), bf16);
    forRows(
        block.count(),
        block.outputs(),
        (row, own) -> {
          long rowGates = gates.address() + row * width;
          long rowUps = ups.address() + row * width;
          long rowTarget = start + row * targetWidth;
          gateRow(rowGates, rowUps, gating, block.outputs(), rowTarget, bf16, own);
        });
  }

  // Reading, gating and rounding are loops of their own: in one, the compiler stopped inlining
  // before it came to the rounding, which then made an object of every vector.
  private void gateRow(
      long gates, long ups, Gating gating, int outputs, long target, boolean bf16, Scratch own) {
    float[] gate = own.gates(MatrixKernels.COLUMN_BLOCK);
    float[] up = own.sums(MatrixKernels.COLUMN_BLOCK);
    for (int from = 0; from < outputs; from += MatrixKernels.COLUMN_BLOCK) {
      int count = Math.min(MatrixKernels.COLUMN_BLOCK, outputs - from);
      long at = width(from, bf16);
      kernels.decode(type(bf16), gates + at, count, gate, 0);
      kernels.decode(type(bf16), ups + at, count, up, 0);
      kernels.gate(gating, gate, up, count);
      kernels.put(gate, count, target + at, bf16);
    }
  }

  /// `activation(products)`, in columns from `first` on of rows of `columns`; computed in f32, and
  /// rounded once.
  ///
  /// @param products `[count, outputs]`
  /// @param target `[count, columns]`
  /// @param bf16 whether both are bf16; otherwise both are f32
  public void activate(
      MemorySegment products,
      Activation activation,
      Block block,
      MemorySegment target,
      boolean bf16) {
    checkSize(products, (long) block.count() * block.outputs(), bf16);
    checkSize(target, (long) block.count() * block.columns(), bf16);
    long width = width(block.outputs(), bf16);
    long targetWidth = width(block.columns(), bf16);
    long start = target.address() + width(block.first(), bf16);
    forRows(
        block.count(),
        block.outputs(),
        (row, own) -> {
          long rowTarget = start + row * targetWidth;
          activateRow(
              products.address() + row * width, activation, block.outputs(), rowTarget, bf16, own);
        });
  }

  private void activateRow(
      long products, Activation activation, int outputs, long target, boolean bf16, Scratch own) {
    float[] values = own.sums(MatrixKernels.COLUMN_BLOCK);
    for (int from = 0; from < outputs; from += MatrixKernels.COLUMN_BLOCK) {
      int count = Math.min(MatrixKernels.COLUMN_BLOCK, outputs - from);
      long at = width(from, bf16);
      kernels.decode(type(bf16), products + at, count, values, 0);
      kernels.activate(activation, values, count);
      kernels.put(values, count, target + at, bf16);
    }
  }

  /// Some neighbouring columns of rows.
  ///
  /// @param count rows
  /// @param columns of the whole rows
  /// @param first column
  /// @param outputs number of columns
  public record Block(int count, int columns, int first, int outputs) {

    /// Checks that the columns lie within the rows.
    public Block {
      if (count <= 0 || first < 0 || outputs <= 0 || first + outputs > columns) {
        throw new IllegalArgumentException("a block has rows, and columns within them");
      }
    }
  }

  /// Whether every float is finite.
  public boolean isFinite(FloatRows rows) {
    // Zero times a number is not zero where the number is not finite, and a sum remembers it. An
    // array, because memory is read slowly by code that is not compiled yet.
    float sum = 0;
    for (int row = 0; row < rows.count(); row++) {
      float[] numbers = scratch.get().activations(rows.addressOf(row), rows.columns());
      for (int i = 0; i < rows.columns(); i++) {
        sum += 0f * numbers[i];
      }
    }
    return sum == 0;
  }

  private interface RowTask {
    void run(int row, Scratch own);
  }

  private void forRows(int count, int columns, RowTask task) {
    int each = Math.max(1, TASK_NUMBERS / columns);
    workers.run(
        (count + each - 1) / each,
        scratch::get,
        (index, own) -> {
          int until = Math.min(count, (index + 1) * each);
          for (int row = index * each; row < until; row++) {
            task.run(row, own);
          }
        });
  }

  private static WeightType type(boolean bf16) {
    return bf16 ? WeightType.BF16 : WeightType.F32;
  }

  private static long width(long numbers, boolean bf16) {
    return numbers * (bf16 ? Short.BYTES : Float.BYTES);
  }

  private static void checkWeights(@Nullable MemorySegment weights, int columns) {
    if (weights != null) {
      checkSize(weights, columns, false);
    }
  }

  private static void checkSize(MemorySegment memory, long numbers, boolean bf16) {
    if (memory.byteSize() < width(numbers, bf16) || !memory.isNative()) {
      throw new IllegalArgumentException(
          "%d numbers do not fit %d bytes outside the Java heap"
              .formatted(numbers, memory.byteSize()));
    }
  }
}
