package dev.lengthwise.experiment;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// JSON lines in the folders of experiments, whole or not at all, and comparisons of settings.
final class JsonFiles {

  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonFiles() {}

  /// Whether a file holds just this value.
  static boolean holds(Path file, Object value) {
    try {
      return Files.exists(file)
          && JsonFile.line(MAPPER.readTree(Files.readString(file))).equals(JsonFile.line(value));
    } catch (IOException e) {
      return false;
    }
  }

  /// Writes one value a line.
  static void writeLines(Path file, List<?> values) {
    AtomicFile.writeText(
        file,
        writer -> {
          for (Object value : values) {
            writer.write(JsonFile.line(value));
            writer.write('\n');
          }
        });
  }

  /// Reads the rows that [#writeLines] wrote.
  static List<Row> readLines(Path file) {
    List<Row> rows = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        rows.add(MAPPER.readValue(line, Row.class));
      }
      return rows;
    } catch (IOException e) {
      throw new LengthwiseException(
          "The results of a finished trial, "
              + file
              + ", cannot be read: "
              + e
              + "; delete the folder of the trial, and it will run again",
          e);
    }
  }

  /// The objects of a file of lines.
  static List<JsonNode> readObjects(Path file) {
    List<JsonNode> objects = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        objects.add(MAPPER.readTree(line));
      }
      return objects;
    } catch (IOException e) {
      throw new LengthwiseException(
          "The training's " + file + " cannot be read: " + e + "; delete its folder", e);
    }
  }

  /// A value as a map, for comparisons.
  static Map<String, Object> map(Object value) {
    return MAPPER.convertValue(value, new TypeReference<Map<String, Object>>() {});
  }
}
