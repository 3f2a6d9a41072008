package dev.lengthwise.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.Sha256;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/// Reads text files: plain text, or JSON lines with one document a line, also compressed.
public final class Documents {

  private static final JsonMapper JSON = new JsonMapper();

  private Documents() {}

  /// The documents of a file.
  ///
  /// @param file `.jsonl`, `.jsonl.gz` or `.jsonl.zst` for JSON lines; anything else is one text
  /// @param field of a JSON line, that holds the text
  public static List<Document> read(Path file, String field) {
    if (Files.isDirectory(file)) {
      throw new LengthwiseException("'" + file + "' is a folder; give a text file");
    }
    String name = String.valueOf(file.getFileName());
    try (InputStream stream = open(file, name)) {
      String text = utf8(stream.readAllBytes(), file);
      boolean lines = name.matches(".*\\.jsonl(\\.gz|\\.zst)?");
      List<Document> documents =
          lines ? jsonLines(text, file, field) : List.of(document(name, text));
      if (documents.stream().allMatch(document -> document.text().isEmpty())) {
        throw new LengthwiseException("The text file " + file + " is empty; give another one");
      }
      return documents;
    } catch (NoSuchFileException e) {
      throw new LengthwiseException("There is no text file " + file + "; check the path", e);
    } catch (IOException | MalformedInputException e) { // the second from damaged Zstandard
      throw new LengthwiseException("Cannot read the text file " + file + ": " + reason(e), e);
    }
  }

  /// A document of this text.
  public static Document document(String name, String text) {
    return new Document(name, text, Sha256.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static InputStream open(Path file, String name) throws IOException {
    InputStream raw = Files.newInputStream(file);
    if (name.endsWith(".gz")) {
      return new GZIPInputStream(raw);
    }
    return name.endsWith(".zst") ? new ZstdInputStream(raw) : raw;
  }

  private static List<Document> jsonLines(String text, Path file, String field) {
    List<Document> documents = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      JsonNode value = field(line, field, file, number);
      documents.add(document(file.getFileName() + ":" + number, value.textValue()));
    }
    return documents;
  }

  private static JsonNode field(String line, String field, Path file, int number) {
    try {
      JsonNode object = JSON.readTree(line);
      JsonNode value = object.get(field);
      if (value == null || !value.isTextual()) {
        List<String> found = new ArrayList<>();
        object.fieldNames().forEachRemaining(found::add);
        throw new LengthwiseException(
            "Line "
                + number
                + " of "
                + file
                + " has no text field '"
                + field
                + "', only "
                + found
                + "; name the field with --field");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          "Line " + number + " of " + file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static String utf8(byte[] bytes, Path file) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new LengthwiseException(
          "The text file " + file + " is not UTF-8; convert it, for instance with iconv", e);
    }
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
