package dev.lengthwise.matrix;

import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The weights of a matrix with 16 rows side by side, for products with one token.
///
/// Lane `r` of each vector of 16 ints belongs to row `r` of a group, so a product needs no sum
/// across lanes, and the scales of 16 rows are one vector. A group is cut into units of columns:
///
/// ```
/// Q4_0, 64 weights:   2 × 16 halves d │ 8 vectors                       576 bytes (file 576)
/// Q4_K, 256 weights:  16 halves d │ 16 halves dmin │ 8 × 16 bytes scales │ 8 × 16 bytes minima
///                     │ 8 × 4 vectors                                  2368 bytes (file 2304)
/// Q5_K, 256 weights:  the same with 8 × 5 vectors                      2880 bytes (file 2816)
/// Q6_K, 256 weights:  16 halves d, 32 bytes unused │ 16 × 16 bytes scales │ 16 × 3 vectors
///                                                                      3392 bytes (file 3360)
/// ```
///
/// A lane has 8 numbers of 4 bits, 6 of 5 or 5 of 6, from its last bit on; those of Q4_0 and Q6_K
/// are signed. The two bits that 5 and 6 leave free are, over the vectors of a part, the rest of
/// its numbers: from the last bit of the first vector on, two of 5 bits or one of 6.
///
/// @param weight the matrix
/// @param data its groups, one after the other, aligned to 64 bytes; rows that fill the last group
///     are zeros
record RowGroups(WeightMatrix weight, MemorySegment data) {

  /// Rows of a group.
  static final int ROWS = 16;

  /// Bytes of a vector.
  static final int VECTOR = 64;

  /// Where scales, minima and numbers begin in a unit of 256 weights.
  static final int SCALES = 64;

  static final int MINIMA = 192;
  static final int NUMBERS = 320;

  /// Bytes of a unit of each type.
  static final int Q4_0_BYTES = 576;

  static final int Q4_K_BYTES = NUMBERS + 8 * 4 * VECTOR;
  static final int Q5_K_BYTES = NUMBERS + 8 * 5 * VECTOR;
  static final int Q6_K_BYTES = NUMBERS + 16 * 3 * VECTOR;

  private static final int UNIT_Q4_0 = 64;
  private static final int UNIT_K = 256;

  /// Whether there is such a form of a matrix.
  static boolean has(WeightType type, int columns) {
    int unit = unit(type);
    return unit > 0 && columns % unit == 0;
  }

  /// Columns of a unit; 0 where a type has none.
  static int unit(WeightType type) {
    return switch (type) {
      case Q4_0 -> UNIT_Q4_0;
      case Q4_K, Q5_K, Q6_K -> UNIT_K;
      default -> 0;
    };
  }

  /// Bytes of a unit.
  static int unitBytes(WeightType type) {
    return switch (type) {
      case Q4_0 -> Q4_0_BYTES;
      case Q4_K -> Q4_K_BYTES;
      case Q5_K -> Q5_K_BYTES;
      case Q6_K -> Q6_K_BYTES;
      default -> throw new IllegalArgumentException(type + " has no groups of rows");
    };
  }

  /// Bytes of all groups of a matrix.
  static long bytes(WeightType type, int rows, int columns) {
    return (rows + ROWS - 1L) / ROWS * groupBytes(type, columns);
  }

  private static long groupBytes(WeightType type, int columns) {
    return (long) (columns / unit(type)) * unitBytes(type);
  }

  /// Packs a matrix; its scales must be finite.
  ///
  /// @param arena holds the groups
  static RowGroups of(WeightMatrix weight, Workers workers, Arena arena) {
    WeightType type = weight.type();
    long bytes = bytes(type, weight.rows(), weight.columns());
    MemorySegment data = arena.allocate(bytes, VECTOR);
    long groupBytes = groupBytes(type, weight.columns());
    workers.run(
        (int) (bytes / groupBytes),
        () -> weight,
        (group, matrix) -> {
          int first = group * ROWS;
          int rows = Math.min(ROWS, matrix.rows() - first);
          RowPacking.pack(matrix, first, rows, data.address() + group * groupBytes);
        });
    return new RowGroups(weight, data);
  }

  /// The address of the group of a row.
  long addressOf(int row) {
    return data.address() + row / ROWS * groupBytes(weight.type(), weight.columns());
  }

  /// Units of a group.
  int units() {
    return weight.columns() / unit(weight.type());
  }
}
