package dev.lengthwise.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import java.nio.file.Path;
import java.util.Map;

/// An opened weight file or folder: named tensors over mapped memory, and a header.
///
/// Closing unmaps the memory; tensors that share it must not be used afterwards. Reading is
/// thread-safe.
public interface Checkpoint extends AutoCloseable {

  /// The file or folder that was opened.
  Path path();

  /// `"safetensors"`, `"gguf"` or `"llama2.c"`.
  String format();

  /// What the file says about its model: `config.json`, GGUF key-values under their flat keys, or
  /// the fields of a llama2.c header. A fresh copy each time.
  ObjectNode header();

  /// Every tensor by name, in the order of the file; unmodifiable.
  Map<String, TensorEntry> tensors();

  /// SHA-256 of the weight file as `sha256sum` prints it (of a sharded checkpoint: of its shards
  /// one after the other, in the order of their names); computed at the first call.
  String sha256();

  /// The tensor called `name`; [LengthwiseException] with the most similar names when there is
  /// none.
  default TensorEntry tensor(String name) {
    TensorEntry entry = tensors().get(name);
    if (entry == null) {
      throw new LengthwiseException(
          "Tensor \""
              + name
              + "\" is not in "
              + path()
              + "; "
              + SimilarNames.hint(name, tensors()));
    }
    return entry;
  }

  @Override
  void close();
}
