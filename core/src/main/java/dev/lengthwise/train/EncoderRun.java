package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The folder of a training of an encoder: settings, metrics, and the model as it was at the last
/// validation, in f32.
///
/// @param out the folder
/// @param start what the training began with
/// @param files knows what files of a model look like
record EncoderRun(Path out, StartingModel start, ModelFiles files) {

  /// Where the model lies.
  Path model() {
    return out.resolve("model");
  }

  /// Writes the model of a step in place of an earlier one, and adds a line of metrics.
  ///
  /// @param config settings
  /// @param metrics of the step
  /// @param more what lies beside the weights
  void write(
      Object config,
      Map<String, Object> metrics,
      Parameters parameters,
      AtomicFolder.Content more) {
    AtomicFolder.replace(
        model(),
        inside -> {
          writeModel(inside, parameters);
          more.writeTo(inside);
        });
    append(JsonFile.line(metrics));
    JsonFile.write(out.resolve("train.json"), config);
  }

  private void append(String line) {
    Path file = out.resolve("metrics.jsonl");
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be written: " + FileReason.of(e), e);
    }
  }

  private void writeModel(Path folder, Parameters parameters) throws IOException {
    ModelSource.Further.copy(start.companions(), folder);
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      ModelFiles.Written written = files.write(start.header(), parameters.stored(ScalarType.Float));
      SafetensorsWriter.writeTensors(
          folder.resolve(ModelExport.WEIGHTS), SafetensorsWriter.TORCH_METADATA, written.tensors());
      ObjectNode header = written.config();
      header.put(header.has("dtype") ? "dtype" : "torch_dtype", "float32");
      JsonFile.write(folder.resolve(ModelSource.HEADER), header);
    }
  }
}
