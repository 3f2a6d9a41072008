package dev.lengthwise.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;

/// JSON schemas of answers that must be a call of a tool, as [ToolCallText] reads them.
public final class ToolCallSchema {

  private static final String DEFINITIONS = "$defs";

  private ToolCallSchema() {}

  /// The schema of an answer that is a call.
  ///
  /// @param tools as templates get them: objects with a `function` that has `name` and `parameters`
  /// @param name of the tool that must be called; empty: any
  public static String of(JsonNode tools, Optional<String> name) {
    ArrayNode calls = JsonNodeFactory.instance.arrayNode();
    ObjectNode definitions = JsonNodeFactory.instance.objectNode();
    for (JsonNode tool : tools) {
      JsonNode function = tool.path("function");
      if (name.isEmpty() || name.get().equals(function.path("name").asText())) {
        String own = "tool" + calls.size();
        define(function.path("parameters"), own, definitions);
        calls.add(call(function, own));
      }
    }
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    whole.set("anyOf", calls);
    whole.set(DEFINITIONS, definitions);
    return whole.toString();
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
      ArrayNode all = JsonNodeFactory.instance.arrayNode();
      schema.forEach(one -> all.add(moved(one, own)));
      return all;
    }
    if (!schema.isObject()) {
      return schema;
    }
    ObjectNode all = JsonNodeFactory.instance.objectNode();
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
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    properties.putObject("name").set("const", function.path("name"));
    properties.putObject("arguments").put("$ref", reference("#", own));
    ObjectNode call = JsonNodeFactory.instance.objectNode().put("type", "object");
    call.set("properties", properties);
    call.put("additionalProperties", false);
    call.set("required", JsonNodeFactory.instance.arrayNode().add("name").add("arguments"));
    return call;
  }
}
