package dev.lengthwise.matrix;

import dev.lengthwise.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/// The weights of a matrix with 16 rows side by side, for products with few tokens.
///
/// Lane `r` of each vector of 16 ints belongs to row `r` of a group, so a product needs no sum
/// across lanes, and the scales of 16 rows are one vector. [GroupLayout] says where what lies.
///
/// @param weight the matrix
/// @param layout that of its type
/// @param data its groups, one after the other, aligned to 64 bytes; lanes of rows that
///     the last group lacks may be anything
record RowGroups(WeightMatrix weight, GroupLayout layout, MemorySegment data) {

  /// Rows of a group.
  static final int ROWS = GroupLayout.ROWS;

  /// Bytes of all groups of a matrix.
  static long bytes(GroupLayout layout, int rows, int columns) {
    return (rows + ROWS - 1L) / ROWS * layout.groupBytes(columns);
  }

  /// Packs a matrix; its scales must be finite.
  ///
  /// @param memory holds the groups
  static RowGroups of(
      WeightMatrix weight,
      GroupLayout layout,
      MatrixKernels kernels,
      Workers workers,
      SegmentAllocator memory) {
    long bytes = bytes(layout, weight.rows(), weight.columns());
    MemorySegment data = memory.allocate(bytes, GroupLayout.VECTOR);
    long groupBytes = layout.groupBytes(weight.columns());
    workers.run(
        (int) (bytes / groupBytes),
        () -> weight,
        (group, matrix) -> {
          int first = group * ROWS;
          int rows = Math.min(ROWS, matrix.rows() - first);
          kernels.pack(matrix, layout, first, rows, data.address() + group * groupBytes);
        });
    return new RowGroups(weight, layout, data);
  }

  /// Bytes of a group.
  long groupBytes() {
    return layout.groupBytes(weight.columns());
  }

  /// The address of the group of a row.
  long addressOf(int row) {
    return data.address() + row / ROWS * groupBytes();
  }

  /// Units of a group.
  int units() {
    return weight.columns() / layout.columns();
  }
}
