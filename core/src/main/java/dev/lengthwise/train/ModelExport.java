package dev.lengthwise.train;

import dev.lengthwise.AtomicFolder;
import dev.lengthwise.ComputeDevice;
import dev.lengthwise.JsonFile;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.model.GptNeoxTensors;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.Bounds;
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
/// `tokenizer_config.json`. Hugging Face's `AutoTokenizer` reads it; where the layers are those of
/// a Llama or, in an exported model, of a GPT-NeoX, its `LlamaForCausalLM` or `GPTNeoXForCausalLM`
/// reads the rest.
public final class ModelExport {

  static final String WEIGHTS = "model.safetensors";
  private static final String CONFIG = "config.json";

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
      boolean neox = GptNeoxTensors.fit(specOf(config, method)) && isPlain(config, method);
      AtomicFolder.replace(
          target,
          inside -> {
            if (neox) {
              writeGptNeox(inside, parameters, config, data);
            } else {
              write(inside, parameters, config, data, ScalarType.BFloat16);
            }
          });
    }
  }

  /// Whether positions are plain rotary ones, which every program computes.
  static boolean isPlain(TrainConfig config, PositionMethod method) {
    return method.identityLength(config.shape()) == Bounds.UNBOUNDED;
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

  // In bfloat16.
  private static void writeGptNeox(
      Path folder, Parameters parameters, TrainConfig config, TrainingData data) {
    ModelSpec spec = specOf(config, parameters.method());
    parameters.write(
        folder.resolve(WEIGHTS),
        ScalarType.BFloat16,
        tensors -> GptNeoxTensors.joined(spec, tensors));
    JsonFile.write(
        folder.resolve(CONFIG),
        GptNeoxConfig.of(config, data.tokenizer(), nameOf(ScalarType.BFloat16)));
    copyTokenizer(folder, data);
  }

  /// Writes the four files to a folder that holds none of them, under the names that training
  /// resumes from.
  ///
  /// @param type type of the stored weights
  static void write(
      Path folder, Parameters parameters, TrainConfig config, TrainingData data, ScalarType type) {
    parameters.write(folder.resolve(WEIGHTS), type);
    JsonFile.write(
        folder.resolve(CONFIG),
        HuggingFaceConfig.of(
            config,
            parameters.method(),
            data.tokenizer(),
            type == ScalarType.Float ? "float32" : nameOf(type)));
    copyTokenizer(folder, data);
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

  private static String nameOf(ScalarType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
