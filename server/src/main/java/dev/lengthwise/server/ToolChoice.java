package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;

/// Whether an answer may, must or must not be a call of a tool.
///
/// @param calls whether the model sees the tools
/// @param required whether the answer must be a call
/// @param name of the tool that must be called; empty: any
record ToolChoice(boolean calls, boolean required, Optional<String> name) {

  private static final String FIELD = "tool_choice";
  private static final String DEFINITIONS = "$defs";

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
    if (!required) {
      return Optional.empty();
    }
    ArrayNode calls = Json.array();
    ObjectNode definitions = Json.object();
    for (JsonNode tool : tools) {
      JsonNode function = tool.path("function");
      if (name.isEmpty() || name.get().equals(function.path("name").asText())) {
        String own = "tool" + calls.size();
        define(function.path("parameters"), own, definitions);
        calls.add(call(function, own));
      }
    }
    ObjectNode whole = Json.object();
    whole.set("anyOf", calls);
    whole.set(DEFINITIONS, definitions);
    return Optional.of(whole.toString());
  }

  // What parameters define and refer to is theirs: it gets names of its own in the whole schema.
  private static void define(JsonNode parameters, String own, ObjectNode definitions) {
    if (!parameters.isObject() || parameters.isEmpty()) {
      definitions.putObject(own).put("type", "object");
      return;
    }
    ObjectNode rest = parameters.deepCopy();
    for (String place : List.of(DEFINITIONS, "definitions")) {
      JsonNode theirs = rest.path(place);
      rest.remove(place);
      theirs
          .properties()
          .forEach(one -> definitions.set(own + "." + one.getKey(), moved(one.getValue(), own)));
    }
    definitions.set(own, moved(rest, own));
  }

  private static JsonNode moved(JsonNode schema, String own) {
    if (schema.isArray()) {
      ArrayNode all = Json.array();
      schema.forEach(one -> all.add(moved(one, own)));
      return all;
    }
    if (!schema.isObject()) {
      return schema;
    }
    ObjectNode all = Json.object();
    for (Map.Entry<String, JsonNode> one : schema.properties()) {
      JsonNode value = one.getValue();
      all.set(
          one.getKey(),
          one.getKey().equals("$ref") && value.isTextual()
              ? TextNode.valueOf(reference(value.textValue(), own))
              : moved(value, own));
    }
    return all;
  }

  private static String reference(String theirs, String own) {
    return theirs.equals("#")
        ? "#/%s/%s".formatted(DEFINITIONS, own)
        : theirs.replaceFirst(
            "^#/(\\$defs|definitions)/",
            Matcher.quoteReplacement("#/%s/%s.".formatted(DEFINITIONS, own)));
  }

  private static ObjectNode call(JsonNode function, String own) {
    ObjectNode properties = Json.object();
    properties.putObject("name").set("const", function.path("name"));
    properties.putObject("arguments").put("$ref", reference("#", own));
    ObjectNode call = Json.object().put("type", "object");
    call.set("properties", properties);
    call.put("additionalProperties", false);
    call.set("required", Json.array().add("name").add("arguments"));
    return call;
  }
}
