package dev.lengthwise.text;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// Reads text files: plain text, or JSON lines with one document a line, also compressed.
public final class Documents {

  /// Most characters of one document.
  private static final int LONGEST = 1 << 29;

  private Documents() {}

  /// The documents of a file; [LengthwiseException] when none has text.
  ///
  /// @param file `.jsonl` or `.ndjson` for JSON lines, `.json` for an array of documents or one
  ///     after the other, each also with `.gz` or `.zst` behind it and in any case of letters;
  ///     anything else is one text; `-` is standard input
  /// @param field of a JSON line, that holds the text
  public static List<Document> read(Path file, String field) {
    List<Document> documents = all(file, field);
    if (documents.stream().allMatch(document -> document.text().isEmpty())) {
      throw new LengthwiseException(
          TextInput.capital(TextInput.nameOf(file)) + " is empty; give another one");
    }
    return documents;
  }

  private static List<Document> all(Path file, String field) {
    String ending = TextInput.ending(file);
    if (ending.equals(".json")) {
      return JsonDocuments.read(file, field);
    }
    if (!ending.equals(".jsonl") && !ending.equals(".ndjson")) {
      return List.of(whole(file));
    }
    try (Stream<Document> lines = lines(file, field)) {
      return lines.toList();
    }
  }

  /// The short texts of a file: each line of `.txt` and of standard input that is not blank, and
  /// each document of other files.
  ///
  /// @param file as [#read]
  /// @param field of a JSON line, that holds the text
  public static List<String> shortTexts(Path file, String field) {
    boolean byLine = file.equals(TextInput.STANDARD_INPUT) || TextInput.ending(file).equals(".txt");
    return read(file, field).stream()
        .map(Document::text)
        .flatMap(text -> byLine ? text.lines() : Stream.of(text))
        .filter(text -> !byLine || !text.isBlank())
        .toList();
  }

  /// The documents of a file of JSON lines, read one by one; the caller closes the stream.
  ///
  /// @param field that holds the text
  public static Stream<Document> lines(Path file, String field) {
    JsonLinesReader lines = new JsonLinesReader(file, field);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(lines, Spliterator.ORDERED | Spliterator.NONNULL),
            false)
        .onClose(lines::close);
  }

  /// A text file as one document.
  public static Document whole(Path file) {
    try (BufferedReader reader = TextInput.open(file)) {
      String text = TextInput.read(file, () -> whole(reader, file));
      boolean isInput = file.equals(TextInput.STANDARD_INPUT);
      return document(isInput ? "standard input" : String.valueOf(file.getFileName()), text);
    } catch (IOException e) {
      throw new LengthwiseException(
          "Cannot close " + TextInput.nameOf(file) + ": " + FileReason.of(e), e);
    }
  }

  /// A document of this text.
  public static Document document(String name, String text) {
    return new Document(name, text, Sha256.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String whole(BufferedReader reader, Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    char[] buffer = new char[1 << 16];
    for (int count = reader.read(buffer); count >= 0; count = reader.read(buffer)) {
      text.append(buffer, 0, count);
      if (text.length() > LONGEST) {
        throw new LengthwiseException(
            "The text file %s has more than %,d characters, too many for one document; write it as"
                    .formatted(file, LONGEST)
                + " JSON lines, which are read one by one");
      }
    }
    return text.toString();
  }
}
