package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;

/// A request for a response, as the request for a conversation that it means.
///
/// @param chat fields of `/chat/completions`
/// @param echoed what the answer repeats of the request
record ResponseRequest(ObjectNode chat, ObjectNode echoed) {

  private static final String KEEPS_NOTHING =
      "answers are not kept; send all items of the conversation as 'input'";

  /// Fields of both interfaces, and those of conversations that work here, too.
  private static final List<String> SAME =
      List.of(
          "model",
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "seed",
          "stop",
          "repetition_penalty",
          "frequency_penalty",
          "presence_penalty",
          "logit_bias",
          "ignore_eos",
          "grammar",
          "parallel_tool_calls",
          "position_method",
          "context_policy",
          "chat_template_kwargs",
          "stream",
          "stream_options");

  /// Names of this interface by those of conversations.
  private static final Map<String, String> NAMES =
      Map.of(
          "messages", "input",
          "prompt", "input",
          "max_completion_tokens", "max_output_tokens",
          "response_format", "text.format");

  /// Reads it.
  ///
  /// @throws ApiException of a field that is wrong, or asks for what is not there
  static ResponseRequest read(Fields fields) {
    ObjectNode chat = Json.object();
    for (String name : SAME) {
      fields.value(name).ifPresent(value -> chat.set(name, value));
    }
    refuseWhatIsNotThere(fields);
    JsonNode input =
        fields
            .value("input")
            .orElseThrow(() -> ApiException.invalid("input", "'input' is missing"));
    chat.set("messages", ResponseInput.messages(fields.text("instructions").orElse(""), input));
    fields
        .whole("max_output_tokens", 1, Integer.MAX_VALUE)
        .ifPresent(most -> chat.put("max_completion_tokens", most));
    fields.list("tools").ifPresent(tools -> chat.set("tools", tools(tools)));
    fields.value("tool_choice").ifPresent(choice -> chat.set("tool_choice", choice(choice)));
    fields.object("text").ifPresent(text -> form(text, chat));
    ObjectNode echoed = echoed(fields);
    fields.requireKnown();
    return new ResponseRequest(chat, echoed);
  }

  private static void refuseWhatIsNotThere(Fields fields) {
    fields.refuse("previous_response_id", KEEPS_NOTHING);
    fields.refuse("conversation", KEEPS_NOTHING);
    fields.refuse("store", KEEPS_NOTHING, "false");
    fields.refuse("background", KEEPS_NOTHING, "false");
    fields.refuse("prompt", "there are no stored prompts; use 'input' and 'instructions'");
    fields.refuse(
        "include", "there is nothing beside the answer", "[\"reasoning.encrypted_content\"]");
    fields.refuse(
        "reasoning",
        "how much a model reasons depends on its template; use 'chat_template_kwargs'",
        "{\"effort\":null,\"summary\":null}");
    fields.refuse("truncation", "use 'context_policy'", "\"disabled\"");
    fields.refuse("top_logprobs", "use /v1/chat/completions", "0");
    fields.refuse("max_tool_calls", "there are no tools that run here");
    fields.ignore(
        "user",
        "metadata",
        "service_tier",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_retention");
  }

  private static ArrayNode tools(JsonNode tools) {
    ArrayNode all = Json.array();
    for (JsonNode tool : tools) {
      if (!tool.path("type").asText().equals("function") || !tool.path("name").isTextual()) {
        throw Fields.wrong("tools", "functions with a name; no other tools run here", tool);
      }
      ObjectNode function = Json.object();
      for (String name : List.of("name", "description", "parameters")) {
        if (tool.hasNonNull(name)) {
          function.set(name, tool.get(name));
        }
      }
      all.addObject().put("type", "function").set("function", function);
    }
    return all;
  }

  private static JsonNode choice(JsonNode choice) {
    if (!choice.path("type").asText().equals("function")) {
      return choice;
    }
    ObjectNode named = Json.object().put("type", "function");
    named.putObject("function").set("name", choice.path("name"));
    return named;
  }

  private static void form(Fields text, ObjectNode chat) {
    text.refuse("verbosity", "how much a model writes depends on itself", "\"medium\"");
    text.value("format")
        .ifPresent(
            format -> {
              ObjectNode form = Json.object();
              form.set("type", format.path("type"));
              if (format.has("schema")) {
                form.putObject("json_schema").set("schema", format.get("schema"));
              }
              chat.set("response_format", form);
            });
    text.requireKnown();
  }

  private static ObjectNode echoed(Fields fields) {
    ObjectNode echoed = Json.object();
    echoed.set("instructions", orNull(fields, "instructions"));
    echoed.set("max_output_tokens", orNull(fields, "max_output_tokens"));
    echoed.put("temperature", fields.value("temperature").map(JsonNode::doubleValue).orElse(1.0));
    echoed.put("top_p", fields.value("top_p").map(JsonNode::doubleValue).orElse(1.0));
    echoed.set("tools", fields.value("tools").orElseGet(Json::array));
    echoed.set(
        "tool_choice", fields.value("tool_choice").orElseGet(() -> TextNode.valueOf("auto")));
    echoed.set("text", fields.value("text").orElseGet(ResponseRequest::plainText));
    echoed.set("metadata", fields.value("metadata").orElseGet(Json::object));
    echoed.set("user", orNull(fields, "user"));
    echoed.put("parallel_tool_calls", true).put("truncation", "disabled");
    echoed.put("store", false).put("background", false);
    echoed.putNull("previous_response_id");
    echoed.putObject("reasoning").putNull("effort").putNull("summary");
    return echoed;
  }

  private static JsonNode plainText() {
    ObjectNode text = Json.object();
    text.putObject("format").put("type", "text");
    return text;
  }

  private static JsonNode orNull(Fields fields, String name) {
    return fields.value(name).orElseGet(NullNode::getInstance);
  }

  /// A failure of the conversation in the names of this interface.
  static ApiException inItsTerms(ApiException failure) {
    return failure.inTermsOf(NAMES);
  }
}
