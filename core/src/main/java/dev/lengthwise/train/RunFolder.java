package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.io.JsonObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The folder of a run: `train.json`, `metrics.jsonl`, `checkpoints/STEP/` and `latest`, which
/// names the checkpoint to resume from.
///
/// A checkpoint is written to a temporary folder and moved into place; then `latest` is replaced;
/// then old checkpoints go. So a crash at any time leaves a checkpoint that works.
final class RunFolder {

  private static final String CONFIG = "train.json";
  private static final String FROM = "from";
  private static final int KEPT = 2;

  private final Path folder;

  RunFolder(Path folder) {
    this.folder = folder;
  }

  /// The folder itself.
  Path path() {
    return folder;
  }

  /// Whether a folder has the settings of a run.
  static boolean holdsSettings(Path folder) {
    return Files.exists(folder.resolve(CONFIG));
  }

  /// The configuration of the run.
  TrainingSettings config() {
    Path file = folder.resolve(CONFIG);
    boolean further = Files.exists(file) && JsonObjects.readStrictObject(file).has(FROM);
    return further
        ? JsonFile.read(file, FurtherConfig.class)
        : JsonFile.read(file, TrainConfig.class);
  }

  /// Keeps the configuration of a new run; a run that resumes must have the same one but for
  /// what [TrainingSettings#resumableAs] lets change.
  void claim(TrainingSettings config) {
    Path file = folder.resolve(CONFIG);
    if (Files.exists(file) && latest().isPresent()) {
      if (!config().resumableAs(config)) {
        throw new LengthwiseException(
            "Run folder "
                + folder
                + " was started with another configuration ("
                + file
                + "); use that one, or another folder.");
      }
    }
    JsonFile.write(file, config);
  }

  /// The checkpoint to resume from.
  Optional<Path> latest() {
    Path pointer = folder.resolve("latest");
    if (!Files.exists(pointer)) {
      return Optional.empty();
    }
    try {
      String name = Files.readString(pointer).strip();
      if (name.isEmpty()) {
        return newest();
      }
      Path checkpoint = folder.resolve("checkpoints").resolve(name);
      if (!Files.isDirectory(checkpoint)) {
        throw new LengthwiseException(
            "File " + pointer + " names the checkpoint " + checkpoint + ", which does not exist.");
      }
      return Optional.of(checkpoint);
    } catch (IOException e) {
      throw new LengthwiseException("File " + pointer + " cannot be read: " + FileReason.of(e), e);
    }
  }

  // The pointer is empty after a power cut before its bytes were written. A checkpoint has its name
  // only when it is whole, so that the newest one is meant.
  private Optional<Path> newest() {
    Path checkpoints = folder.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return Optional.empty();
    }
    try (Stream<Path> inside = Files.list(checkpoints)) {
      return inside.filter(RunFolder::isCheckpoint).max(Comparator.naturalOrder());
    } catch (IOException e) {
      throw new LengthwiseException(
          "Folder " + checkpoints + " cannot be read: " + FileReason.of(e), e);
    }
  }

  private static boolean isCheckpoint(Path path) {
    return path.getFileName().toString().matches("\\d{8}");
  }

  /// Whether somebody put a file `stop` into the folder, which is taken away.
  boolean takeStopRequest() {
    try {
      return Files.deleteIfExists(folder.resolve("stop"));
    } catch (IOException e) {
      throw new LengthwiseException(
          "File " + folder.resolve("stop") + " cannot be deleted: " + FileReason.of(e), e);
    }
  }

  /// Adds the checkpoint of `state`, and drops old ones.
  void save(RunState state, AtomicFolder.Content content) {
    Path checkpoints = folder.resolve("checkpoints");
    String name = nameOf(state.step());
    AtomicFolder.replace(checkpoints.resolve(name), content);
    AtomicFile.writeText(folder.resolve("latest"), writer -> writer.write(name));
    dropOld(checkpoints, nameOf(state.bestStep()));
  }

  private static String nameOf(int step) {
    return "%08d".formatted(step);
  }

  private static void dropOld(Path checkpoints, String best) {
    try (Stream<Path> inside = Files.list(checkpoints)) {
      List<Path> steps = inside.filter(RunFolder::isCheckpoint).sorted().toList();
      Set<Path> kept = Set.copyOf(steps.subList(Math.max(0, steps.size() - KEPT), steps.size()));
      steps.stream()
          .filter(path -> !kept.contains(path) && !path.getFileName().toString().equals(best))
          .forEach(AtomicFolder::delete);
    } catch (IOException e) {
      throw new LengthwiseException(
          "Folder " + checkpoints + " cannot be read: " + FileReason.of(e), e);
    }
  }

  /// Adds a line to `metrics.jsonl`.
  void append(StepMetrics metrics) {
    Path file = folder.resolve("metrics.jsonl");
    try {
      Files.writeString(
          file,
          JsonFile.line(metrics) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be written: " + FileReason.of(e), e);
    }
  }

  /// Drops the lines of steps after `step`, which will come again.
  void rewindMetrics(int step) {
    Path file = folder.resolve("metrics.jsonl");
    if (!Files.exists(file)) {
      return;
    }
    List<String> lines = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        if (JsonFile.intField(line, "step") <= step) {
          lines.add(line + "\n");
        }
      }
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + FileReason.of(e), e);
    }
    AtomicFile.writeText(file, writer -> writer.write(String.join("", lines)));
  }
}
