package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.TrainingData;
import dev.lengthwise.train.optimise.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Begins the further training of a model: makes a run folder whose first checkpoint, of step 0, is
/// the model. All else is that of a run that goes on, which no longer needs the model.
public final class FurtherTraining {

  private FurtherTraining() {}

  /// Makes the run folder, whole or not at all; then [Trainer#goOn] trains.
  ///
  /// @param dataFolder what [DataPreparation] wrote with the tokenizer of the model
  /// @param runFolder must not exist yet, or be empty
  /// @throws LengthwiseException where model, settings and data do not go together
  public static void begin(
      FurtherConfig config, StartingModel model, Path dataFolder, Path runFolder) {
    requireNew(runFolder);
    requireLearnedPlaces(config, model.spec());
    TrainingPlans.check(model.spec(), config.trainedLength());
    try (TrainingData data = Trainer.open(config, model.spec(), dataFolder);
        Parameters parameters =
            Parameters.of(model.spec(), model.weights(), config.seed(), ComputeDevice.CPU);
        Optimizer optimizer =
            Optimizer.of(config.optimizer(), parameters.tensors(), parameters.roles())) {
      requireSameTokenizer(model.tokenizer(), data);
      AtomicFolder.replace(
          runFolder,
          inside -> {
            RunFolder run = new RunFolder(inside);
            run.claim(config);
            run.save(
                RunState.START,
                checkpoint -> write(checkpoint, model, parameters, optimizer, data));
          });
    }
  }

  private static void write(
      Path checkpoint,
      StartingModel model,
      Parameters parameters,
      Optimizer optimizer,
      TrainingData data) {
    parameters.write(checkpoint.resolve(ModelExport.WEIGHTS));
    optimizer.write(checkpoint.resolve(Trainer.OPTIMIZER));
    JsonFile.write(checkpoint.resolve(Trainer.STATE), RunState.START);
    JsonFile.write(checkpoint.resolve(ModelSource.HEADER), model.header());
    ModelSource.Further.copy(model.companions(), checkpoint);
    if (model.companions().isEmpty()) {
      ModelExport.copyTokenizer(checkpoint, data); // the model's own, inside its weight file
    }
  }

  /// Refuses a run folder that holds something.
  public static void requireNew(Path runFolder) {
    if (Files.exists(runFolder) && !isEmptyFolder(runFolder)) {
      throw new LengthwiseException(
          "Run folder %s exists, and --from begins a new run; leave --from out to go on with it, or name another folder."
              .formatted(runFolder));
    }
  }

  private static boolean isEmptyFolder(Path path) {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> inside = Files.list(path)) {
      return inside.findAny().isEmpty();
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + path + " cannot be read: " + FileReason.of(e), e);
    }
  }

  /// The newest checkpoint of a run folder; nothing where `path` is none.
  public static Optional<Path> newestCheckpoint(Path path) {
    return Files.exists(path.resolve("checkpoints"))
        ? new RunFolder(path).latest()
        : Optional.empty();
  }

  /// The settings of a run that began with a model, where `runFolder` holds one.
  public static Optional<FurtherConfig> settings(Path runFolder) {
    return RunFolder.holdsSettings(runFolder)
            && new RunFolder(runFolder).config() instanceof FurtherConfig config
        ? Optional.of(config)
        : Optional.empty();
  }

  // A model that has learned a vector for each place has none for longer texts.
  private static void requireLearnedPlaces(FurtherConfig config, ModelSpec spec) {
    int places = spec.embedding().longest();
    if (spec.embedding().places() > 0 && config.trainedLength() > places) {
      throw new LengthwiseException(
          "Training setting \"trainedLength\" is %d, but the model has learned only %d places; set it to at most that."
              .formatted(config.trainedLength(), places));
    }
  }

  private static void requireSameTokenizer(Optional<Tokenizer> own, TrainingData data) {
    if (own.isPresent() && !isSame(own.get(), data.tokenizer())) {
      throw new LengthwiseException(
          "The data in %s was made by the tokenizer %s with %d tokens, the model has %s with %d; prepare the data again with the model's tokenizer."
              .formatted(
                  data.folder(),
                  data.tokenizer().name(),
                  data.tokenizer().vocabularySize(),
                  own.get().name(),
                  own.get().vocabularySize()));
    }
  }

  // Files may differ in form: what counts is that each id has the same bytes, or no text spells it.
  private static boolean isSame(Tokenizer one, Tokenizer other) {
    if (one.sha256().equals(other.sha256())) {
      return true;
    }
    if (one.vocabularySize() != other.vocabularySize()) {
      return false;
    }
    Set<Integer> controls = new HashSet<>(one.controlTokens().values());
    controls.retainAll(other.controlTokens().values());
    for (int id = 0; id < one.vocabularySize(); id++) {
      if (!controls.contains(id) && !Arrays.equals(one.bytes(id), other.bytes(id))) {
        return false;
      }
    }
    return List.of(one.beginOfText(), one.endOfText())
        .equals(List.of(other.beginOfText(), other.endOfText()));
  }
}
