package dev.lengthwise.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Records as JSON in files.
public final class JsonFile {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

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
    } catch (JsonProcessingException e) {
      throw failure("File " + file, e);
    } catch (NoSuchFileException e) {
      throw new LengthwiseException(
          "File " + file + " cannot be read: there is no such file; check the path.", e);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }

  /// A part of a JSON file as a value of `type`; every field must be there, and no other.
  ///
  /// @param place the part in words, with its file, as the begin of a sentence
  public static <T> T convert(JsonNode part, Class<T> type, String place) {
    try {
      return MAPPER.treeToValue(part, type);
    } catch (JsonProcessingException e) {
      throw failure(place, e);
    }
  }

  private static LengthwiseException failure(String place, JsonProcessingException failure) {
    return new LengthwiseException(
        place + JsonFailure.sentence(failure, MAPPER.getDeserializationConfig()), failure);
  }
}
