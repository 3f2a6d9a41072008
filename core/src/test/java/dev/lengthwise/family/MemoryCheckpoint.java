package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.Map;

/// A header and tensors without a file.
record MemoryCheckpoint(
    Path path, String format, ObjectNode header, Map<String, TensorEntry> tensors)
    implements Checkpoint {

  /// Tensors without a header.
  MemoryCheckpoint(Map<String, TensorEntry> tensors) {
    this(Path.of("memory"), "safetensors", JsonNodeFactory.instance.objectNode(), tensors);
  }

  /// A file with another header; it must stay open.
  static MemoryCheckpoint of(Checkpoint file, ObjectNode header) {
    return new MemoryCheckpoint(file.path(), file.format(), header, file.tensors());
  }

  @Override
  public String sha256() {
    return "";
  }

  @Override
  public void close() {}
}
