package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.Map;

/// Tensors without a file.
record MemoryCheckpoint(Map<String, TensorEntry> tensors) implements Checkpoint {

  @Override
  public Path path() {
    return Path.of("memory");
  }

  @Override
  public String format() {
    return "safetensors";
  }

  @Override
  public ObjectNode header() {
    return JsonNodeFactory.instance.objectNode();
  }

  @Override
  public String sha256() {
    return "";
  }

  @Override
  public void close() {}
}
