package dev.lengthwise.checkpoint.gguf;

import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.RowSource;

/// One tensor of a GGUF file in the making: rows of other files under a new name, stored as another
/// type.
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

  /// Bytes of a row in the new file.
  long rowBytes() {
    return type.bytesFor(source.rowLength());
  }

  /// Bytes of all rows in the new file.
  long bytes() {
    return type.bytesFor(source.elements());
  }
}
