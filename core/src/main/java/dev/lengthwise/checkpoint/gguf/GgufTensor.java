package dev.lengthwise.checkpoint.gguf;

import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.RowSource;
import dev.lengthwise.checkpoint.TensorEntry;
import java.util.function.LongUnaryOperator;

/// One tensor of a GGUF file in the making: a tensor of another file under a new name, stored as
/// another type, with its rows in another order.
///
/// @param name its name in the new file
/// @param type its type in the new file; must hold whole rows
/// @param source where its rows are from
public record GgufTensor(String name, DataType type, RowSource source) {

  /// Checks that rows are whole blocks.
  public GgufTensor {
    if (source.rowLength() % type.blockSize() != 0) {
      throw new IllegalArgumentException(
          "rows of " + source.name() + " are not whole blocks of " + type.blockSize());
    }
  }

  /// A tensor whose rows stay in their order.
  public GgufTensor(String name, DataType type, TensorEntry source) {
    this(name, type, RowSource.of(source));
  }

  /// A tensor whose rows stand in another order.
  ///
  /// @param order the row of `source` that becomes a row of the new file
  public GgufTensor(String name, DataType type, TensorEntry source, LongUnaryOperator order) {
    this(name, type, new RowSource.Reordered(source, order));
  }

  /// Bytes of a row in the new file.
  long rowBytes() {
    return type.bytesFor(source.rowLength());
  }

  /// Bytes of all rows in the new file.
  long bytes() {
    return type.bytesFor(source.elements());
  }
}
