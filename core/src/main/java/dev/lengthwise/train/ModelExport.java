package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Writes weights as a model folder: `model.safetensors`, `config.json`, `tokenizer.json` and
/// `tokenizer_config.json`. Hugging Face's `AutoTokenizer` reads it; where a family of Hugging
/// Face's library has such layers and positions, that library reads the rest.
public final class ModelExport {

  static final String WEIGHTS = "model.safetensors";
  private static final String CONFIG = "config.json";

  private ModelExport() {}

  /// Writes the newest checkpoint of a run in bfloat16, replacing the folder `target`.
  ///
  /// @param method what the method of the run's configuration names
  /// @param dataFolder what [DataPreparation] wrote
  /// @param writer knows what files of a model look like
  public static void export(
      PositionMethod method, Path dataFolder, Path runFolder, Path target, ModelFiles writer) {
    RunFolder folder = new RunFolder(runFolder);
    TrainConfig config = folder.config();
    Path checkpoint =
        folder
            .latest()
            .orElseThrow(
                () ->
                    new LengthwiseException(
                        "Run folder "
                            + runFolder
                            + " has no checkpoint yet; train until the first one."));
    try (TrainingData data = TrainingData.open(dataFolder, config.data());
        Parameters parameters =
            Parameters.read(
                specOf(config, method), checkpoint.resolve(WEIGHTS), ComputeDevice.CPU)) {
      AtomicFolder.replace(target, inside -> write(inside, parameters, data, writer));
    }
  }

  // In bfloat16.
  private static void write(
      Path folder, Parameters parameters, TrainingData data, ModelFiles writer) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Map<String, Tensor> stored = parameters.stored(ScalarType.BFloat16);
      ModelFiles.Written written = writer.write(parameters.spec(), stored);
      SafetensorsWriter.writeTensors(
          folder.resolve(WEIGHTS), SafetensorsWriter.TORCH_METADATA, written.tensors());
      ObjectNode config = written.config();
      Tokenizer tokenizer = data.tokenizer();
      config.put("bos_token_id", tokenizer.beginOfText().orElse(0));
      config.put("eos_token_id", tokenizer.endOfText().orElse(0));
      if (parameters.spec().isBidirectional()) {
        config.put("mask_token_id", tokenizer.vocabularySize());
      }
      config.put("torch_dtype", "bfloat16");
      JsonFile.write(folder.resolve(CONFIG), config);
    }
    copyTokenizer(folder, data);
  }

  /// Writes a checkpoint to a folder, under the names that training resumes from.
  static void writeCheckpoint(
      Path folder, Parameters parameters, TrainConfig config, TrainingData data) {
    parameters.write(folder.resolve(WEIGHTS));
    JsonFile.write(
        folder.resolve(CONFIG), CheckpointConfig.of(config, parameters.method(), data.tokenizer()));
    copyTokenizer(folder, data);
  }

  static ModelSpec specOf(TrainConfig config, PositionMethod method) {
    TrainConfig.Model model = config.model();
    return model
        .architecture()
        .model(
            "lengthwise",
            new Architecture.Sizes(
                model.vocabularySize(),
                model.hiddenSize(),
                model.feedForwardSize(),
                model.normEpsilon(),
                model.tied()),
            config.shape(),
            method);
  }

  private static void copyTokenizer(Path folder, TrainingData data) {
    for (String name : List.of(TrainingData.TOKENIZER, "tokenizer_config.json")) {
      Path source = data.folder().resolve(name);
      if (!Files.exists(source)) {
        continue; // a tokenizer of others may do without
      }
      try {
        Files.copy(source, folder.resolve(name));
      } catch (IOException e) {
        throw new LengthwiseException("File " + source + " cannot be copied: " + e, e);
      }
    }
  }
}
