package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.Map;

/// A checkpoint whose header says something else than its file does: what is to be trained on it.
///
/// @param weights the checkpoint, which is closed with this one
/// @param header in place of its own
record OtherHeader(Checkpoint weights, ObjectNode header) implements Checkpoint {

  @Override
  public Path path() {
    return weights.path();
  }

  @Override
  public String format() {
    return weights.format();
  }

  @Override
  public ObjectNode header() {
    return header.deepCopy();
  }

  @Override
  public Map<String, TensorEntry> tensors() {
    return weights.tensors();
  }

  @Override
  public String sha256() {
    return weights.sha256();
  }

  @Override
  public void close() {
    weights.close();
  }
}
