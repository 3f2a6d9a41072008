package dev.lengthwise.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reading of JSON objects from files, with the file in every message.
public final class JsonObjects {

  /// The largest JSON text that is read.
  public static final long MAXIMUM_BYTES = 100L * 1024 * 1024;

  /// For texts where a repeated name would be ambiguous.
  public static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// For `config.json`, which Python writes with `Infinity` and `NaN`.
  private static final ObjectMapper PYTHON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonObjects() {}

  /// A new object.
  public static ObjectNode emptyObject() {
    return STRICT.createObjectNode();
  }

  /// The object in a file that may hold Python's non-finite numbers.
  public static ObjectNode readPythonObject(Path file) {
    return parse(PYTHON, file, "JSON", bytesOf(file));
  }

  /// The object in a file in which no name occurs twice.
  public static ObjectNode readStrictObject(Path file) {
    return parse(STRICT, file, "JSON", bytesOf(file));
  }

  /// The object in `bytes`, which are called `what` in messages about `file`.
  public static ObjectNode parse(ObjectMapper mapper, Path file, String what, byte[] bytes) {
    try {
      JsonNode node = mapper.readTree(bytes);
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw new LengthwiseException(
          "The " + what + " of " + file + " must be an object, found " + kind(node) + ".");
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          "The " + what + " of " + file + " is not valid: " + JsonFailure.reason(e), e);
    } catch (CharConversionException e) {
      throw new LengthwiseException(
          "The " + what + " of " + file + " is not valid: it is not UTF-8.", e);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }

  /// What a value is, in words.
  public static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT, POJO -> "an object";
      case ARRAY -> "a list";
      case STRING, BINARY -> "a text";
      case NUMBER -> "the number " + node;
      case BOOLEAN, NULL -> node.toString();
      case MISSING -> "nothing";
    };
  }

  private static byte[] bytesOf(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAXIMUM_BYTES) {
        throw new LengthwiseException(
            "File " + file + " has " + size + " bytes; expected at most " + MAXIMUM_BYTES + ".");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }
}
