package dev.lengthwise.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The documents of a file with one JSON object a line, read one by one; blank lines are skipped.
final class JsonLinesReader implements Iterator<Document>, AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();

  private final Path file;
  private final String field;
  private final BufferedReader reader;
  private int number;
  private @Nullable String next;

  /// Opens `file`; `field` holds the text.
  JsonLinesReader(Path file, String field) {
    this.file = file;
    this.field = field;
    this.reader = TextInput.open(file);
    try {
      readLine();
    } catch (LengthwiseException e) {
      close();
      throw e;
    }
  }

  private void readLine() {
    do {
      next = TextInput.read(file, reader::readLine);
      number++;
    } while (next != null && next.isBlank());
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Document next() {
    if (next == null) {
      throw new NoSuchElementException("no more lines");
    }
    Document document = Documents.document(file.getFileName() + ":" + number, text(next));
    readLine();
    return document;
  }

  private String text(String line) {
    try {
      JsonNode object = JSON.readTree(line);
      JsonNode value = object.get(field);
      if (value != null && value.isTextual()) {
        return value.textValue();
      }
      List<String> found = new ArrayList<>();
      object.fieldNames().forEachRemaining(found::add);
      throw new LengthwiseException(
          "Line %d of %s has no text field '%s', only %s; name the field (--field NAME, or ,field=NAME in a --source)"
              .formatted(number, file, field, found));
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          "Line %d of %s is not JSON: %s".formatted(number, file, e.getOriginalMessage()), e);
    }
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw new LengthwiseException("Cannot close the text file " + file + ": " + e, e);
    }
  }
}
