package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.Map;

/// A header without its tensors, as a checkpoint: one that is still to be written, or that lies
/// inside another.
///
/// @param header `config.json`
/// @param path the file or folder that messages name
record HeaderOnly(ObjectNode header, Path path) implements Checkpoint {

  /// A header that is still to be written.
  HeaderOnly(ObjectNode header) {
    this(header, Path.of("config.json"));
  }

  @Override
  public String format() {
    return "safetensors";
  }

  @Override
  public Map<String, TensorEntry> tensors() {
    return Map.of();
  }

  @Override
  public String sha256() {
    throw new IllegalStateException("there are no weights yet");
  }

  @Override
  public void close() {}
}
