package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.TokenizerFiles;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.Masking;
import dev.lengthwise.train.data.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Writes weights as a model folder: `model.safetensors`, `config.json`, the files of its
/// tokenizer. Hugging Face's `AutoTokenizer` reads it; where a family of Hugging Face's library has
/// such layers and positions, that library reads the rest.
public final class ModelExport {

  static final String WEIGHTS = "model.safetensors";
  private static final String CONFIG = ModelSource.HEADER;

  private ModelExport() {}

  /// Writes the newest checkpoint of a run in bfloat16, replacing the folder `target`.
  ///
  /// @param method what the method of the run's configuration names
  /// @param dataFolder what [DataPreparation] wrote
  /// @param files knows what files of a model look like
  public static void export(
      PositionMethod method, Path dataFolder, Path runFolder, Path target, ModelFiles files) {
    RunFolder folder = new RunFolder(runFolder);
    if (!(folder.config() instanceof TrainConfig config)) {
      throw new IllegalArgumentException(runFolder + " began with a model");
    }
    Path checkpoint = checkpoint(folder);
    ModelSpec spec = specOf(config, method);
    try (TrainingData data = TrainingData.open(dataFolder, config.data());
        Parameters parameters = read(spec, checkpoint)) {
      AtomicFolder.replace(
          target,
          inside -> {
            write(inside, weights -> files.write(spec, weights), parameters, data.tokenizer());
            copyTokenizer(inside, data);
          });
    }
  }

  /// The same for a run that began with a model: as the family of that one where its files can say
  /// what the model became, with everything that lay beside its weights.
  ///
  /// @param config the settings of the run
  public static void exportFurther(
      FurtherConfig config, Path dataFolder, Path runFolder, Path target, ModelFiles files) {
    Path checkpoint = checkpoint(new RunFolder(runFolder));
    ObjectNode header = JsonObjects.readStrictObject(checkpoint.resolve(CONFIG));
    try (TrainingData data = TrainingData.open(dataFolder, config.data());
        Parameters parameters = read(files.spec(header), checkpoint)) {
      AtomicFolder.replace(
          target,
          inside -> {
            List<Path> beside =
                ModelSource.Further.files(checkpoint).stream()
                    .filter(file -> !Trainer.STATES.contains(String.valueOf(file.getFileName())))
                    .filter(file -> !file.endsWith(CONFIG))
                    .toList();
            ModelSource.Further.copy(beside, inside);
            write(inside, weights -> files.write(header, weights), parameters, data.tokenizer());
          });
    }
  }

  private static Path checkpoint(RunFolder folder) {
    return folder
        .latest()
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "Run folder "
                        + folder.path()
                        + " has no checkpoint yet; train until the first one."));
  }

  private static Parameters read(ModelSpec spec, Path checkpoint) {
    return Parameters.read(spec, checkpoint.resolve(WEIGHTS), ComputeDevice.CPU);
  }

  // In bfloat16.
  private static void write(
      Path folder,
      Function<Map<String, Tensor>, ModelFiles.Written> writer,
      Parameters parameters,
      Tokenizer tokenizer) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      ModelFiles.Written written = writer.apply(parameters.stored(ScalarType.BFloat16));
      SafetensorsWriter.writeTensors(
          folder.resolve(WEIGHTS), SafetensorsWriter.TORCH_METADATA, written.tensors());
      ObjectNode config = written.config();
      putIfAbsent(config, "bos_token_id", tokenizer.beginOfText().orElse(0));
      putIfAbsent(config, "eos_token_id", tokenizer.endOfText().orElse(0));
      if (parameters.spec().isBidirectional()) {
        putIfAbsent(config, "mask_token_id", Masking.maskOf(tokenizer));
      }
      config.put(config.has("dtype") ? "dtype" : "torch_dtype", "bfloat16");
      JsonFile.write(folder.resolve(CONFIG), config);
    }
  }

  private static void putIfAbsent(ObjectNode config, String key, int id) {
    if (!config.has(key)) {
      config.put(key, id);
    }
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

  static void copyTokenizer(Path folder, TrainingData data) {
    List<String> names = new ArrayList<>(TokenizerFiles.TOKENIZERS);
    names.addAll(TokenizerFiles.COMPANIONS);
    for (String name : names) {
      Path source = data.folder().resolve(name);
      if (!Files.exists(source)) {
        continue; // a tokenizer of others may do without
      }
      try {
        Files.copy(source, folder.resolve(name));
      } catch (IOException e) {
        throw new LengthwiseException(
            "File " + source + " cannot be copied: " + FileReason.of(e), e);
      }
    }
  }
}
