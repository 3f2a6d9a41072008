package dev.lengthwise.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.AtomicFile;
import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Files that appear under their names only when they are complete, and JSON in them.
final class AtomicFiles {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /// The list in Jackson's message about a name that it does not know.
  private static final Pattern KNOWN_NAMES = Pattern.compile("(?<=known type ids = )\\[[^]]*]");

  private AtomicFiles() {}

  /// Writes `bytes`, replacing `file`; folders are created.
  static void write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be written: " + e, e);
    }
    AtomicFile.write(
        file,
        channel -> {
          for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
            channel.write(left);
          }
        });
  }

  /// Writes a value as JSON.
  static void writeJson(Path file, Object value) {
    try {
      write(file, MAPPER.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of texts and numbers are always JSON", e);
    }
  }

  /// One line of JSON.
  static String jsonLine(Object value) {
    try {
      return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of texts and numbers are always JSON", e);
    }
  }

  /// The whole number `field` of a line of JSON; -1 when the line is damaged.
  static int intField(String line, String field) {
    try {
      return MAPPER.readTree(line).path(field).asInt(-1);
    } catch (JsonProcessingException e) {
      return -1;
    }
  }

  /// Reads a value of `type`; every field must be there, and no other.
  static <T> T readJson(Path file, Class<T> type) {
    try {
      T value = MAPPER.readValue(Files.readAllBytes(file), type);
      if (value == null) {
        throw new LengthwiseException("File " + file + " holds null; mend or recreate it.");
      }
      return value;
    } catch (InvalidTypeIdException e) {
      throw new LengthwiseException("File " + file + ": " + wrongName(e), e);
    } catch (JsonProcessingException e) {
      if (e.getCause() instanceof LengthwiseException known) {
        throw new LengthwiseException("File " + file + ": " + known.getMessage(), e);
      }
      throw new LengthwiseException(
          "File "
              + file
              + " is not valid: "
              + e.getOriginalMessage().replaceAll("(?s)[;\\n].*", "")
              + "; mend or recreate it.",
          e);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + e, e);
    }
  }

  /// What is wrong with the `name` that decides the type of a setting.
  private static String wrongName(InvalidTypeIdException failure) {
    String setting =
        failure.getPath().stream()
            .map(JsonMappingException.Reference::getFieldName)
            .collect(Collectors.joining("."));
    if (failure.getTypeId() == null) {
      return "\"%s.name\" is missing; docs/training.md lists the names.".formatted(setting);
    }
    Matcher known = KNOWN_NAMES.matcher(failure.getOriginalMessage());
    return "\"%s.name\" is \"%s\"; expected one of %s."
        .formatted(setting, failure.getTypeId(), known.find() ? known.group() : "the names of docs/training.md");
  }

  /// Moves a file or folder into place, replacing a file.
  static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Deletes a folder and everything in it; nothing when it is not there.
  static void deleteFolder(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path path : inside.sorted((left, right) -> right.compareTo(left)).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + folder + " cannot be deleted: " + e, e);
    }
  }
}
