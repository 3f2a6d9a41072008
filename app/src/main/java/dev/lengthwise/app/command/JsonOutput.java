package dev.lengthwise.app.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

/// Results as lines of JSON on standard output.
final class JsonOutput {

  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonOutput() {}

  /// Prints one result as one line.
  static void print(Object result) {
    try {
      System.out.println(MAPPER.writeValueAsString(result));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result is not JSON", e);
    }
  }
}
