package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Values of this program as JSON.
final class JsonValues {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonValues() {}

  static JsonNode of(Object value) {
    return MAPPER.valueToTree(value);
  }

  /// The same object with numbers and texts in place of Java's objects.
  static ObjectNode plain(ObjectNode node) {
    return MAPPER.valueToTree(node);
  }
}
