package dev.lengthwise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Records as JSON in files.
public final class JsonFile {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /// The list in Jackson's message about a name that it does not know.
  private static final Pattern KNOWN_NAMES = Pattern.compile("(?<=known type ids = )\\[[^]]*]");

  private JsonFile() {}

  /// Writes a value, creating folders and replacing an older file.
  public static void write(Path file, Object value) {
    try {
      String text = MAPPER.writeValueAsString(value);
      AtomicFile.writeText(file, writer -> writer.write(text));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of texts and numbers are always JSON", e);
    }
  }

  /// A value as one line.
  public static String line(Object value) {
    try {
      return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of texts and numbers are always JSON", e);
    }
  }

  /// The whole number `field` of a line; -1 when the line is damaged.
  public static int intField(String line, String field) {
    try {
      return MAPPER.readTree(line).path(field).asInt(-1);
    } catch (JsonProcessingException e) {
      return -1;
    }
  }

  /// Reads a value of `type`; every field must be there, and no other.
  ///
  /// @throws LengthwiseException that names the file, and the field when one is wrong
  public static <T> T read(Path file, Class<T> type) {
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
        .formatted(
            setting,
            failure.getTypeId(),
            known.find() ? known.group() : "the names of docs/training.md");
  }
}
