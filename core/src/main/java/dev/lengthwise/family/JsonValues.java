package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Values of this program as JSON.
final class JsonValues {

  /// Of a record its components, and nothing that it computes of them.
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

  private JsonValues() {}

  static JsonNode of(Object value) {
    return MAPPER.valueToTree(value);
  }

  /// The same object with numbers and texts in place of Java's objects.
  static ObjectNode plain(ObjectNode node) {
    return MAPPER.valueToTree(node);
  }
}
