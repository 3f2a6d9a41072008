package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/// The `input` of a response as the messages of a conversation: a text, or items, which are
/// messages, calls of functions, and what functions returned.
final class ResponseInput {

  private static final String FIELD = "input";
  private static final String ASSISTANT = "assistant";

  private final ArrayNode messages = Json.array();

  private ResponseInput() {}

  /// Reads it.
  ///
  /// @param instructions which come before it as those of the system; empty: none
  /// @throws ApiException of an item that cannot be a part of a conversation
  static ArrayNode messages(String instructions, JsonNode input) {
    ResponseInput read = new ResponseInput();
    if (!instructions.isEmpty()) {
      read.add("system", TextNode.valueOf(instructions));
    }
    if (input.isTextual()) {
      read.add("user", input);
    } else if (input.isArray()) {
      input.forEach(read::add);
    } else {
      throw Fields.wrong(FIELD, "a text or a list of items", input);
    }
    return read.messages;
  }

  private ObjectNode add(String role, JsonNode content) {
    ObjectNode message = messages.addObject().put("role", role);
    message.set("content", content);
    return message;
  }

  private void add(JsonNode item) {
    String type = item.path("type").asText("message");
    switch (type) {
      case "message" -> message(item);
      case "function_call" -> call(item);
      case "function_call_output" ->
          add("tool", content(item.path("output")))
              .put("tool_call_id", text(item, "call_id").textValue());
      case "item_reference" ->
          throw ApiException.invalid(
              FIELD, "Answers are not kept here, so an item cannot be referred to: send it whole");
      default ->
          throw Fields.wrong(
              FIELD, "items of the type message, function_call or function_call_output", item);
    }
  }

  // Templates know the system, and not the developer, who has the same say.
  private void message(JsonNode item) {
    String role = text(item, "role").textValue();
    add(role.equals("developer") ? "system" : role, content(item.path("content")));
  }

  private void call(JsonNode item) {
    ObjectNode call = Json.object();
    call.set("id", text(item, "call_id"));
    call.put("type", "function");
    ObjectNode function = call.putObject("function");
    function.set("name", text(item, "name"));
    function.set("arguments", text(item, "arguments"));
    ObjectNode message = lastOfAssistant();
    message.withArray("tool_calls").add(call);
  }

  // What the assistant says and what it calls in one turn is one message.
  private ObjectNode lastOfAssistant() {
    return messages.path(messages.size() - 1) instanceof ObjectNode last
            && last.path("role").asText().equals(ASSISTANT)
        ? last
        : add(ASSISTANT, Json.object().nullNode());
  }

  private static JsonNode text(JsonNode item, String name) {
    if (!item.path(name).isTextual()) {
      throw Fields.wrong(FIELD, "items with a text '%s'".formatted(name), item);
    }
    return item.path(name);
  }

  private static JsonNode content(JsonNode content) {
    if (!content.isArray()) {
      return content;
    }
    ArrayNode parts = Json.array();
    for (JsonNode part : content) {
      switch (part.path("type").asText()) {
        case "input_text", "output_text", "text" -> {
          if (!part.path("text").isTextual()) {
            throw Fields.wrong(FIELD, "parts with a 'text'", part);
          }
          parts.addObject().put("type", "text").set("text", part.path("text"));
        }
        default ->
            throw Fields.wrong(
                FIELD,
                "made of parts of the type input_text or output_text, since models here read no"
                    + " images or files",
                part);
      }
    }
    return parts;
  }
}
