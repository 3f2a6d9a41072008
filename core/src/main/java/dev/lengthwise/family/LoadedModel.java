package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import java.nio.file.Path;

/// A model in memory. Its weights may share the mapped file, so the model must stay open as long as
/// its decoder is used.
///
/// @param name the name of its file or folder
/// @param decoder architecture and weights
/// @param checkpoint the opened file
public record LoadedModel(String name, Decoder decoder, Checkpoint checkpoint)
    implements AutoCloseable {

  /// The architecture.
  public ModelSpec spec() {
    return decoder.spec();
  }

  /// The file or folder that was loaded.
  public Path path() {
    return checkpoint.path();
  }

  /// SHA-256 of the weights; computed at the first call.
  public String sha256() {
    return checkpoint.sha256();
  }

  /// Releases the weights and the file.
  @Override
  public void close() {
    ModelLoader.tensorsOf(decoder.weights()).forEach(org.bytedeco.pytorch.Tensor::close);
    checkpoint.close();
  }
}
