package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.Map;

/// A header that is still to be written, as a checkpoint without tensors.
///
/// @param header `config.json`
record HeaderOnly(ObjectNode header) implements Checkpoint {

  @Override
  public Path path() {
    return Path.of("config.json");
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
