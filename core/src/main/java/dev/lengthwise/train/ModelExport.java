package dev.lengthwise.train;

import dev.lengthwise.AtomicFolder;
import dev.lengthwise.ComputeDevice;
import dev.lengthwise.JsonFile;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Writes weights as a model folder: `model.safetensors`, `config.json`, `tokenizer.json` and
/// `tokenizer_config.json`. Hugging Face's `AutoTokenizer` reads it, and `LlamaForCausalLM` where
/// the layers are Llama's.
public final class ModelExport {

  static final String WEIGHTS = "model.safetensors";

  private ModelExport() {}

  /// Writes the newest checkpoint of a run in bfloat16, replacing the folder `target`.
  ///
  /// @param method what the method of the run's configuration names
  /// @param dataFolder what [DataPreparation] wrote
  public static void export(PositionMethod method, Path dataFolder, Path runFolder, Path target) {
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
                specOf(config, method),
                config.model().tied(),
                checkpoint.resolve(WEIGHTS),
                ComputeDevice.CPU)) {
      AtomicFolder.replace(
          target, inside -> write(inside, parameters, config, data, ScalarType.BFloat16));
    }
  }

  static ModelSpec specOf(TrainConfig config, PositionMethod method) {
    TrainConfig.Model model = config.model();
    return new ModelSpec(
        model.architecture().hasLlamaLayers() ? "llama" : "lengthwise",
        model.vocabularySize(),
        model.hiddenSize(),
        model.feedForwardSize(),
        model.normEpsilon(),
        config.shape(),
        method,
        model.architecture());
  }

  /// Writes the four files to a folder that holds none of them.
  ///
  /// @param type type of the stored weights
  static void write(
      Path folder, Parameters parameters, TrainConfig config, TrainingData data, ScalarType type) {
    parameters.write(folder.resolve(WEIGHTS), type);
    JsonFile.write(
        folder.resolve("config.json"),
        HuggingFaceConfig.of(
            config,
            parameters.method(),
            data.tokenizer(),
            type == ScalarType.Float ? "float32" : nameOf(type)));
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

  private static String nameOf(ScalarType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
