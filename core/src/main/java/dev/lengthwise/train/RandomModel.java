package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.torch.ComputeDevice;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A model of any family before its first training: what a `config.json` describes, with random
/// weights.
public final class RandomModel {

  private RandomModel() {}

  /// Writes `config.json` and weights in f32; what is in the folder is replaced.
  ///
  /// @param header of the family
  /// @param seed decides the weights
  /// @param companion writes the files of its tokenizer
  public static void write(
      ObjectNode header,
      Initialisation initialisation,
      long seed,
      Path folder,
      ModelFiles files,
      AtomicFolder.Content companion) {
    AtomicFolder.replace(
        folder,
        inside -> {
          try (PointerScope _ = new PointerScope();
              NoGradGuard _ = new NoGradGuard();
              Parameters parameters =
                  Parameters.random(files.spec(header), initialisation, seed, ComputeDevice.CPU)) {
            ModelFiles.Written written = files.write(header, parameters.stored(ScalarType.Float));
            SafetensorsWriter.writeTensors(
                inside.resolve(ModelExport.WEIGHTS),
                SafetensorsWriter.TORCH_METADATA,
                written.tensors());
            JsonFile.write(inside.resolve(ModelSource.HEADER), written.config());
          }
          companion.writeTo(inside);
        });
  }
}
