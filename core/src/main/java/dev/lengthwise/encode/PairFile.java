package dev.lengthwise.encode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFailure;
import dev.lengthwise.io.JsonObjects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/// Files of pairs of texts: JSON lines with `sentence1`, `sentence2` and `label` (or `score`);
/// `.csv` with text, text and label, whose first line may name these columns; or lines `text ⇥ text
/// ⇥ label`. A label may be missing in all of them.
public final class PairFile {

  private static final List<String> JSON_ENDINGS = List.of(".jsonl", ".ndjson");
  private static final String TAB = "\t";
  private static final String FIRST = "sentence1";
  private static final int LABELLED = 3;

  private PairFile() {}

  /// The pairs of a file.
  ///
  /// @throws LengthwiseException that names file and line where a line is no pair, a side is empty,
  ///     or a label is no number
  public static List<LabelledPair> read(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    List<String> lines = lines(file);
    List<LabelledPair> pairs =
        name.endsWith(".csv") ? ofCsv(lines, file) : ofLines(lines, file, isJson(name));
    if (pairs.isEmpty()) {
      throw new LengthwiseException("File " + file + " has no pairs of texts; fetch it again.");
    }
    return pairs;
  }

  private static boolean isJson(String name) {
    return JSON_ENDINGS.stream().anyMatch(name::endsWith);
  }

  private static List<LabelledPair> ofCsv(List<String> lines, Path file) {
    List<LabelledPair> pairs = new ArrayList<>();
    String text = String.join("\n", lines).replaceFirst("^\uFEFF", "");
    long begin = 1;
    try (CSVParser records = CSVParser.parse(text, CSVFormat.RFC4180)) {
      for (CSVRecord one : records) {
        if (!isBlank(one) && !(pairs.isEmpty() && isHeader(one))) {
          String place = "Line %d of %s".formatted(begin, file);
          pairs.add(checked(ofColumns(one.values(), "commas", place), place));
        }
        begin = records.getCurrentLineNumber() + 1;
      }
    } catch (IOException | UncheckedIOException e) {
      throw new LengthwiseException(
          "The record from line %d of %s on is no comma-separated values; mend its quotes."
              .formatted(begin, file),
          e);
    }
    return pairs;
  }

  private static boolean isBlank(CSVRecord fields) {
    return fields.size() == 1 && fields.get(0).isBlank();
  }

  private static boolean isHeader(CSVRecord fields) {
    return fields.get(0).strip().equalsIgnoreCase(FIRST);
  }

  private static List<LabelledPair> ofLines(List<String> lines, Path file, boolean json) {
    List<LabelledPair> pairs = new ArrayList<>();
    for (int n = 0; n < lines.size(); n++) {
      String line = lines.get(n).replaceFirst("^\uFEFF", "");
      if (!line.isBlank()) {
        String place = "Line %d of %s".formatted(n + 1, file);
        String[] columns = line.split(TAB, -1);
        pairs.add(checked(json ? ofJson(line, place) : ofColumns(columns, "tabs", place), place));
      }
    }
    return pairs;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new LengthwiseException(
          "File of pairs " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }

  private static LabelledPair ofColumns(String[] parts, String between, String place) {
    if (parts.length != 2 && parts.length != LABELLED) {
      throw new LengthwiseException(
          "%s has %d columns; expected text, text and label, with %s between."
              .formatted(place, parts.length, between));
    }
    double label = parts.length == LABELLED ? number(parts[2].strip(), place) : Double.NaN;
    return new LabelledPair(parts[0], parts[1], label);
  }

  private static LabelledPair ofJson(String line, String place) {
    try {
      JsonNode node = JsonObjects.STRICT.readTree(line);
      if (!node.path(FIRST).isTextual() || !node.path("sentence2").isTextual()) {
        throw new LengthwiseException(
            place + " must be an object with the texts \"sentence1\" and \"sentence2\".");
      }
      JsonNode label = node.has("label") ? node.get("label") : node.path("score");
      return new LabelledPair(
          node.get(FIRST).asText(),
          node.get("sentence2").asText(),
          label.isMissingNode() ? Double.NaN : number(label.asText(), place));
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          place + " is not valid JSON: " + JsonFailure.reason(e) + "; mend it.", e);
    }
  }

  private static double number(String text, String place) {
    try {
      double label = Double.parseDouble(text);
      if (Double.isFinite(label)) {
        return label;
      }
    } catch (NumberFormatException e) {
      throw new LengthwiseException(
          "%s has the label '%s'; expected a number.".formatted(place, text), e);
    }
    throw new LengthwiseException("%s has the label %s; expected a number.".formatted(place, text));
  }

  private static LabelledPair checked(LabelledPair pair, String place) {
    if (pair.first().isBlank() || pair.second().isBlank()) {
      throw new LengthwiseException(
          "%s has an empty %s text; leave the pair out."
              .formatted(place, pair.first().isBlank() ? "first" : "second"));
    }
    return pair;
  }
}
