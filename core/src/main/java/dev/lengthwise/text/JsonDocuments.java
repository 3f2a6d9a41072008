package dev.lengthwise.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The documents of JSON values: objects with a field that holds the text, or texts themselves.
final class JsonDocuments {

  private static final JsonMapper JSON = new JsonMapper();

  private JsonDocuments() {}

  /// The documents of a `.json` file: an array of them, or one after the other.
  static List<Document> read(Path file, String field) {
    List<Document> documents = new ArrayList<>();
    try (BufferedReader reader = TextInput.open(file);
        MappingIterator<JsonNode> values = JSON.readerFor(JsonNode.class).readValues(reader)) {
      while (values.hasNextValue()) {
        JsonNode value = values.nextValue();
        for (JsonNode one : value.isArray() ? value : List.of(value)) {
          String name = file.getFileName() + ":" + (documents.size() + 1);
          String where = "Document %d of %s".formatted(documents.size() + 1, file);
          documents.add(Documents.document(name, text(one, field, where)));
        }
      }
      return documents;
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          "%s is not JSON: %s; a plain text needs another ending, such as .txt"
              .formatted(file, JsonFailure.reason(e)),
          e);
    } catch (IOException e) {
      throw new LengthwiseException(
          "Cannot read the text file " + file + ": " + FileReason.of(e), e);
    }
  }

  /// The text of one line.
  ///
  /// @param where for messages
  static String text(String line, String field, String where) {
    try {
      return text(JSON.readTree(line), field, where);
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          "%s is not JSON: %s".formatted(where, JsonFailure.reason(e)), e);
    }
  }

  private static String text(JsonNode value, String field, String where) {
    JsonNode text = value.isTextual() ? value : value.get(field);
    if (text != null && text.isTextual()) {
      return text.textValue();
    }
    if (text != null) {
      throw new LengthwiseException(
          "%s has no text in its field '%s' but %s; correct it".formatted(where, field, text));
    }
    List<String> found = new ArrayList<>();
    value.fieldNames().forEachRemaining(found::add);
    throw new LengthwiseException(
        "%s has no text field '%s', only %s; name the field (--field NAME, or ,field=NAME in a --source)"
            .formatted(where, field, found));
  }
}
