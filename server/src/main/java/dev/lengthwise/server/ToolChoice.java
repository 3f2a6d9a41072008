package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.chat.ToolCallSchema;
import java.util.Optional;
import java.util.Set;

/// Whether an answer may, must or must not be a call of a tool.
///
/// @param calls whether the model sees the tools
/// @param required whether the answer must be a call
/// @param name of the tool that must be called; empty: any
record ToolChoice(boolean calls, boolean required, Optional<String> name) {

  private static final String FIELD = "tool_choice";

  /// Reads it.
  ///
  /// @param names of the tools that there are
  static ToolChoice read(Fields fields, Set<String> names) {
    Optional<JsonNode> found = fields.value(FIELD);
    if (found.isPresent() && found.get().isObject()) {
      return named(found.get(), names);
    }
    return switch (found.map(JsonNode::asText).orElse("auto")) {
      case "auto" -> new ToolChoice(true, false, Optional.empty());
      case "none" -> new ToolChoice(false, false, Optional.empty());
      case "required" -> {
        if (names.isEmpty()) {
          throw ApiException.invalid(FIELD, "'tool_choice' is required, and there are no tools");
        }
        yield new ToolChoice(true, true, Optional.empty());
      }
      default ->
          throw ApiException.invalid(
              FIELD, "'tool_choice' must be auto, none, required, or an object with a function");
    };
  }

  private static ToolChoice named(JsonNode choice, Set<String> names) {
    JsonNode name = choice.path("function").path("name");
    if (!choice.path("type").asText().equals("function")
        || !name.isTextual()
        || !names.contains(name.textValue())) {
      throw Fields.wrong(FIELD, "a function that is one of the tools", choice);
    }
    return new ToolChoice(true, true, Optional.of(name.textValue()));
  }

  /// JSON schema of an answer that is the wanted call; empty where none is required.
  Optional<String> schema(JsonNode tools) {
    return required ? Optional.of(ToolCallSchema.of(tools, name)) : Optional.empty();
  }
}
