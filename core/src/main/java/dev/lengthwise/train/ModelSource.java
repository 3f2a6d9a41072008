package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.TrainingData;
import dev.lengthwise.train.distributed.DataParallel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Where the model of a training comes from, and what stands beside its weights in a checkpoint.
sealed interface ModelSource {

  /// The name of a header in a checkpoint.
  String HEADER = "config.json";

  /// The model plan.
  ModelSpec spec();

  /// The weights of a run without a checkpoint.
  Parameters first(ComputeDevice device);

  /// Writes header and tokenizer to a new checkpoint.
  ///
  /// @param latest the checkpoint before it
  void writeBeside(Path checkpoint, Optional<Path> latest, TrainingData data);

  /// A model that settings describe.
  record Fresh(TrainConfig config, ModelSpec spec) implements ModelSource {

    Fresh(TrainConfig config, PositionMethod method) {
      this(config, ModelExport.specOf(config, method));
    }

    @Override
    public Parameters first(ComputeDevice device) {
      return Parameters.random(spec, config.initialisation(), config.seed(), device);
    }

    @Override
    public void writeBeside(Path checkpoint, Optional<Path> latest, TrainingData data) {
      JsonFile.write(
          checkpoint.resolve(HEADER),
          CheckpointConfig.of(config, spec.declared(), data.tokenizer()));
      ModelExport.copyTokenizer(checkpoint, data);
    }
  }

  /// A model that the header of a run's checkpoint describes.
  record Further(ObjectNode header, ModelSpec spec) implements ModelSource {

    /// What the newest checkpoint of `run` describes, as process 0 sees it.
    static Further of(RunFolder run, ModelFiles files, DataParallel processes) {
      byte[] own = processes.isFirst() ? header(run) : new byte[0];
      byte[] first = processes.fromFirst(own);
      Path named = run.path().resolve(HEADER);
      ObjectNode header = JsonObjects.parse(JsonObjects.STRICT, named, "header", first);
      return new Further(header, files.spec(header));
    }

    private static byte[] header(RunFolder run) {
      Path file = checkpoint(run).resolve(HEADER);
      try {
        return Files.readAllBytes(file);
      } catch (IOException e) {
        throw new LengthwiseException("File " + file + " cannot be read: " + FileReason.of(e), e);
      }
    }

    private static Path checkpoint(RunFolder run) {
      return run.latest().orElseThrow(() -> missing(run.path()));
    }

    private static LengthwiseException missing(Path run) {
      return new LengthwiseException(
          "Run folder %s has no checkpoint to go on from; begin another with --from."
              .formatted(run));
    }

    @Override
    public Parameters first(ComputeDevice device) {
      throw new IllegalStateException("a run that begins with a model has a checkpoint");
    }

    /// All files but those of weights and states are those of the checkpoint before.
    @Override
    public void writeBeside(Path checkpoint, Optional<Path> latest, TrainingData data) {
      Path before = latest.orElseThrow();
      copy(
          files(before).stream()
              .filter(Predicate.not(file -> Trainer.STATES.contains(nameOf(file))))
              .toList(),
          checkpoint);
      JsonFile.write(checkpoint.resolve(HEADER), header);
    }

    private static String nameOf(Path file) {
      return String.valueOf(file.getFileName());
    }

    static List<Path> files(Path folder) {
      try (Stream<Path> inside = Files.list(folder)) {
        return inside.filter(Files::isRegularFile).sorted().toList();
      } catch (IOException e) {
        throw new LengthwiseException(
            "Folder " + folder + " cannot be read: " + FileReason.of(e), e);
      }
    }

    /// Copies files as they are.
    static void copy(List<Path> files, Path folder) {
      for (Path file : files) {
        try {
          Files.copy(file, folder.resolve(nameOf(file)));
        } catch (IOException e) {
          throw new LengthwiseException(
              "File " + file + " cannot be copied: " + FileReason.of(e), e);
        }
      }
    }
  }
}
