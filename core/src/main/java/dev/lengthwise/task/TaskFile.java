package dev.lengthwise.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairFile;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFailure;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.model.TaskHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Files of examples: one object of JSON a line.
///
/// Classification has `text`, `pair` where there are two texts, and `label`; or it is a file of
/// pairs ([PairFile]) whose labels are classes. Choice has `text` or `question`, `choices` and
/// `answer`. Reading has `question`, `context` and `answers` with `text` and `start`. Tagging has
/// `text` and `entities` with `start`, `end` and `label`, or `tokens` and `tags`. Places are
/// counted in Unicode characters, as Python counts them. What says the answer may be missing.
public final class TaskFile {

  private static final List<String> PAIRS = List.of(".tsv", ".csv", ".txt");

  private TaskFile() {}

  /// The examples of a file.
  ///
  /// @throws LengthwiseException that names file and line where one is no example of the task
  public static List<TaskExample> read(Path file, TaskHead.Kind kind) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    boolean pairs = PAIRS.stream().anyMatch(name::endsWith);
    List<TaskExample> examples =
        pairs && kind == TaskHead.Kind.CLASSIFICATION ? ofPairs(file) : ofLines(file, kind);
    if (examples.isEmpty()) {
      throw new LengthwiseException("File " + file + " has no examples; fetch it again.");
    }
    return examples;
  }

  private static List<TaskExample> ofPairs(Path file) {
    List<TaskExample> examples = new ArrayList<>();
    for (LabelledPair pair : PairFile.read(file)) {
      String place = "Pair %d of %s".formatted(examples.size() + 1, file);
      examples.add(
          new TaskExample.Classified(
              place,
              pair.first(),
              Optional.of(pair.second()),
              pair.isLabelled() ? Optional.of(named(pair.label(), place)) : Optional.empty()));
    }
    return examples;
  }

  private static String named(double label, String place) {
    if (label != Math.rint(label)) {
      throw new LengthwiseException(
          "%s has the label %s, which is a degree and no class; take the task match, or classes."
              .formatted(place, label));
    }
    return Long.toString((long) label);
  }

  private static List<TaskExample> ofLines(Path file, TaskHead.Kind kind) {
    List<TaskExample> examples = new ArrayList<>();
    List<String> lines = lines(file);
    for (int n = 0; n < lines.size(); n++) {
      String line = lines.get(n).replaceFirst("^\uFEFF", "");
      if (!line.isBlank()) {
        String place = "Line %d of %s".formatted(n + 1, file);
        examples.add(new ExampleLine(place, node(line, place)).example(kind));
      }
    }
    return examples;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new LengthwiseException(
          "File of examples " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }

  private static JsonNode node(String line, String place) {
    try {
      return JsonObjects.STRICT.readTree(line);
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          place + " is not valid JSON: " + JsonFailure.reason(e) + "; mend it.", e);
    }
  }
}
