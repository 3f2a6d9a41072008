package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.ChatTokens;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.tokenizer.IntList;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// A conversation that a request brings, made ready for a chat template.
///
/// @param conversation its messages, tools and variables
/// @param begun what the answer begins with: the last message, where it is the assistant's
/// @param tools names of the tools that may be called
/// @param forced JSON schema of the call that the answer must be, where the request wants one
record ChatRequest(
    Conversation conversation, String begun, Set<String> tools, Optional<String> forced) {

  private static final int MOST_MESSAGES = 10_000;
  private static final String ASSISTANT = "assistant";

  /// Reads it.
  ///
  /// @throws ApiException when it is no conversation
  static ChatRequest read(Fields fields, ServedModel model, TemplateChoice template) {
    ArrayNode messages = messages(fields);
    String begun = begun(messages, fields.flag("continue_final_message", true));
    ObjectNode data = Json.object();
    fields.object("chat_template_kwargs").ifPresent(variables -> data.setAll(variables.all()));
    data.set("messages", messages);
    data.put("add_generation_prompt", fields.flag("add_generation_prompt", true));
    Optional<JsonNode> all = fields.list("tools").filter(node -> !node.isEmpty());
    Set<String> allNames = all.map(ChatRequest::names).orElse(Set.of());
    ToolChoice choice = ToolChoice.read(fields, allNames);
    Optional<JsonNode> tools = all.filter(_ -> choice.calls());
    tools.ifPresent(node -> data.set("tools", node));
    Set<String> names = choice.calls() ? allNames : Set.of();
    if (!names.isEmpty() && !model.takesTools(template)) {
      throw ApiException.invalid("tools", "The chat template of this model takes no tools");
    }
    return new ChatRequest(
        Conversation.of(data).withDefaults(), begun, names, tools.flatMap(choice::schema));
  }

  private static ArrayNode messages(Fields fields) {
    JsonNode found =
        fields
            .value("messages")
            .orElseThrow(() -> ApiException.invalid("messages", "'messages' is missing"));
    if (!found.isArray() || found.isEmpty() || found.size() > MOST_MESSAGES) {
      throw Fields.wrong("messages", "a list of 1 to %d messages".formatted(MOST_MESSAGES), found);
    }
    ArrayNode messages = Json.array();
    for (JsonNode message : found) {
      messages.add(checked(message));
    }
    return messages;
  }

  private static ObjectNode checked(JsonNode message) {
    if (!(message instanceof ObjectNode object) || !message.path("role").isTextual()) {
      throw Fields.wrong("messages", "objects with a text 'role'", message);
    }
    ObjectNode copy = object.deepCopy();
    JsonNode content = message.path("content");
    boolean calls = message.path("tool_calls").isArray() && !message.path("tool_calls").isEmpty();
    if (content.isArray()) {
      copy.put("content", joined(content));
    } else if (!content.isTextual() && !(calls && (content.isNull() || content.isMissingNode()))) {
      throw Fields.wrong("messages", "messages whose 'content' is a text or a list", message);
    }
    for (JsonNode call : copy.path("tool_calls")) {
      parseArguments(call.path("function"));
    }
    return copy;
  }

  // Templates are written for arguments as objects, and clients send them as text.
  private static void parseArguments(JsonNode function) {
    JsonNode parsed = Json.readOrMissing(function.path("arguments").asText());
    if (function instanceof ObjectNode object && parsed.isObject()) {
      object.set("arguments", parsed);
    }
  }

  private static String joined(JsonNode parts) {
    StringBuilder text = new StringBuilder();
    for (JsonNode part : parts) {
      if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
        throw Fields.wrong(
            "messages",
            "made of parts of the type 'text' alone, since models here read no images or sounds",
            part);
      }
      text.append(part.path("text").textValue());
    }
    return text.toString();
  }

  // Takes the last message away where the answer goes on with it.
  private static String begun(ArrayNode messages, boolean goesOn) {
    JsonNode last = messages.get(messages.size() - 1);
    boolean begins =
        goesOn
            && messages.size() > 1
            && last.path("role").asText().equals(ASSISTANT)
            && !last.has("tool_calls");
    if (begins) {
      messages.remove(messages.size() - 1);
    }
    return begins ? last.path("content").asText() : "";
  }

  private static Set<String> names(JsonNode tools) {
    Set<String> names = new HashSet<>();
    for (JsonNode tool : tools) {
      JsonNode name = tool.path("function").path("name");
      if (!tool.path("type").asText().equals("function") || !name.isTextual()) {
        throw Fields.wrong("tools", "functions with a name", tool);
      }
      names.add(name.textValue());
    }
    return Set.copyOf(names);
  }

  /// What the template makes of it.
  ///
  /// @throws ApiException when there is no template, or it refuses the messages
  Rendering render(ServedModel model, TemplateChoice template) {
    try {
      return model
          .template(template, conversation)
          .render(conversation, Clock.system(ZoneId.systemDefault()));
    } catch (LengthwiseException e) {
      throw ApiException.invalid("messages", String.valueOf(e.getMessage()));
    }
  }

  /// The tokens up to where the model goes on.
  int[] ids(ServedModel model, TemplateChoice template) {
    IntList ids = new IntList();
    ids.addAll(ChatTokens.encode(render(model, template), model.tokenizer()));
    ids.addAll(model.tokenizer().encode(begun));
    return ids.toArray();
  }

  /// The prompt, where it fits or may be made to.
  Prompt prompt(ServedModel model, TemplateChoice template, Wishes wishes, int limit) {
    int[] ids = ids(model, template);
    int most = wishes.most().orElse(1);
    if (wishes.rule() != ContextRule.DROP_OLDEST_TURNS) {
      return Prompt.within(ids, wishes, most, limit);
    }
    int all = ids.length;
    Conversation left = conversation;
    while (ids.length + Math.min(most, limit / 2) > limit) {
      Conversation fewer = left.withoutOldestTurn();
      if (fewer.size() == left.size()) {
        return Prompt.within(ids, wishes, most, limit);
      }
      left = fewer;
      ids = new ChatRequest(left, begun, tools, forced).ids(model, template);
    }
    return new Prompt(ids, all - ids.length);
  }
}
