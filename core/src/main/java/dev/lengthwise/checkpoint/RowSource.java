package dev.lengthwise.checkpoint;

import java.lang.foreign.MemorySegment;

/// The rows of a tensor in the making, wherever they are from.
public interface RowSource {

  /// Its name where it is from, for messages.
  String name();

  /// The file that it is from, for messages.
  String source();

  /// How its numbers are stored now; F32 where its rows are stored in several ways.
  DataType type();

  /// Row-major, outermost dimension first.
  long[] shape();

  /// Decodes one row.
  ///
  /// @param values as long as a row
  void readRow(long row, float[] values);

  /// Copies the stored bytes of one row.
  void copyRow(long row, MemorySegment target, long offset);

  /// Elements of a row; 1 of a scalar.
  default long rowLength() {
    long[] shape = shape();
    return shape.length == 0 ? 1 : shape[shape.length - 1];
  }

  /// Number of elements.
  default long elements() {
    return TensorEntry.elementsOf(shape());
  }

  /// Number of rows, over all dimensions but the last.
  default long rows() {
    return rowLength() == 0 ? 0 : elements() / rowLength();
  }

  /// The rows of a stored tensor.
  static RowSource of(TensorEntry entry) {
    return new Stored(entry);
  }

  /// The rows of a stored tensor.
  ///
  /// @param entry the tensor
  record Stored(TensorEntry entry) implements RowSource {

    @Override
    public String name() {
      return entry.name();
    }

    @Override
    public String source() {
      return entry.source();
    }

    @Override
    public DataType type() {
      return entry.type();
    }

    @Override
    public long[] shape() {
      return entry.shape();
    }

    @Override
    public void readRow(long row, float[] values) {
      entry.readRow(row, values);
    }

    @Override
    public void copyRow(long row, MemorySegment target, long offset) {
      long bytes = entry.type().bytesFor(rowLength());
      MemorySegment.copy(entry.data(), row * bytes, target, offset, bytes);
    }
  }
}
