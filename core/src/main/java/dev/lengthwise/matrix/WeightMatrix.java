package dev.lengthwise.matrix;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A matrix of weights as it lies in memory, one row for each output.
///
/// @param type how the weights are stored
/// @param rows outputs
/// @param columns inputs; whole blocks
/// @param data the rows, one after the other, little-endian, outside the Java heap at any address;
///     must stay valid as long as the matrix is used
/// @param scales factors of the stored numbers; `null` where they are the weights
public record WeightMatrix(
    WeightType type, int rows, int columns, MemorySegment data, @Nullable BlockScales scales) {

  /// A matrix whose stored numbers are the weights.
  public WeightMatrix(WeightType type, int rows, int columns, MemorySegment data) {
    this(type, rows, columns, data, null);
  }

  /// Checks that the memory has the right size: kernels do not.
  public WeightMatrix {
    if (rows <= 0 || columns <= 0 || columns % type.blockSize() != 0) {
      throw new IllegalArgumentException(
          "a matrix of " + type + " cannot have " + rows + " rows of " + columns + " weights");
    }
    long expected = rows * type.bytes(columns);
    if (data.byteSize() != expected || !data.isNative()) {
      throw new IllegalArgumentException(
          "%d × %d weights of %s need %d bytes outside the Java heap, found %d"
              .formatted(rows, columns, type, expected, data.byteSize()));
    }
  }

  /// Bytes of one row.
  public long rowBytes() {
    return type.bytes(columns);
  }

  /// The matrix of `count` rows from row `first` on, in the same memory.
  public WeightMatrix rows(int first, int count) {
    return new WeightMatrix(
        type,
        count,
        columns,
        data.asSlice(first * rowBytes(), count * rowBytes()),
        scales == null ? null : scales.from(first));
  }

  /// The address alone: equal matrices have equal memory, and each product looks its matrix up,
  /// where the hash of all components would cost more than the table.
  @Override
  public int hashCode() {
    return Long.hashCode(data.address());
  }

  /// The address of a row.
  long addressOf(int row) {
    return data.address() + row * rowBytes();
  }
}
