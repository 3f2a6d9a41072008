package dev.lengthwise.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Activations: floats of some tokens, `[count, columns]`, one row after the other.
///
/// @param memory the rows, outside the Java heap; must stay valid as long as they are used
/// @param count tokens
/// @param columns channels of a token
/// @param apart whether every row is multiplied as it would be alone: the same sums, bit for bit.
///     Weights still come from memory once
public record FloatRows(MemorySegment memory, int count, int columns, boolean apart) {

  /// Rows that are multiplied together.
  public FloatRows(MemorySegment memory, int count, int columns) {
    this(memory, count, columns, false);
  }

  /// Checks that the memory is large enough: kernels do not.
  public FloatRows {
    if (count <= 0 || columns <= 0 || !memory.isNative()) {
      throw new IllegalArgumentException(
          "rows need a positive number of rows and columns outside the Java heap");
    }
    if (memory.byteSize() < (long) count * columns * Float.BYTES) {
      throw new IllegalArgumentException(
          count + " rows of " + columns + " floats do not fit " + memory.byteSize() + " bytes");
    }
  }

  /// New rows, not initialised, that live as long as `arena`.
  public static FloatRows allocate(Arena arena, int count, int columns) {
    return new FloatRows(arena.allocate((long) count * columns * Float.BYTES, 64), count, columns);
  }

  /// The same rows, each multiplied as it would be alone.
  public FloatRows eachApart() {
    return new FloatRows(memory, count, columns, true);
  }

  /// The address of a row.
  long addressOf(int row) {
    return memory.address() + (long) row * columns * Float.BYTES;
  }
}
