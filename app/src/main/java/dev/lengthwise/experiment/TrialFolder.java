package dev.lengthwise.experiment;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What is kept of a trial between runs: `settings.json` from its beginning, `rows.jsonl` once it
/// is done. Whatever else a trial leaves there (checkpoints) it may find again when it was cut off.
///
/// @param path of the folder
/// @param trial what it belongs to
record TrialFolder(Path path, Trial trial) {

  private static final String SETTINGS = "settings.json";
  private static final String ROWS = "rows.jsonl";

  /// The rows, where the trial was done with the same settings.
  Optional<List<Row>> finished() {
    boolean same = JsonFiles.holds(path.resolve(SETTINGS), trial.settings());
    Path rows = path.resolve(ROWS);
    return same && Files.exists(rows) ? Optional.of(JsonFiles.readLines(rows)) : Optional.empty();
  }

  /// Runs the trial, going on with what an earlier run of the same settings left.
  List<Row> run(Workshop workshop) {
    if (!JsonFiles.holds(path.resolve(SETTINGS), trial.settings())) {
      delete();
      JsonFile.write(path.resolve(SETTINGS), trial.settings());
    }
    List<Row> rows = new ArrayList<>();
    trial.run(workshop, rows::add);
    JsonFiles.writeLines(path.resolve(ROWS), rows);
    // As they will be read the next time: JSON knows one kind of whole numbers.
    return JsonFiles.readLines(path.resolve(ROWS));
  }

  private void delete() {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(path)) {
      for (Path file : inside.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new LengthwiseException(
          "The folder of a trial whose settings changed, "
              + path
              + ", cannot be deleted: "
              + FileReason.of(e),
          e);
    }
  }
}
