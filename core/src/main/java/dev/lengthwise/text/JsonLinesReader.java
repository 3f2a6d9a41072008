package dev.lengthwise.text;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The documents of a file with one JSON object a line, read one by one; blank lines are skipped.
final class JsonLinesReader implements Iterator<Document>, AutoCloseable {

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
    String where = "Line %d of %s".formatted(number, file);
    Document document =
        Documents.document(
            file.getFileName() + ":" + number, JsonDocuments.text(next, field, where));
    readLine();
    return document;
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw new LengthwiseException(
          "Cannot close the text file " + file + ": " + FileReason.of(e), e);
    }
  }
}
