package dev.lengthwise.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a chat template is given: messages, tools and any other variable that it reads.
///
/// @param variables by name: `messages`, `tools`, `documents`, `add_generation_prompt` …
public record Conversation(Map<String, JsonNode> variables) {

  private static final String GENERATION_PROMPT = "add_generation_prompt";

  /// Copies the map, in its order.
  public Conversation {
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
  }

  /// A message of a conversation.
  ///
  /// @param role `system`, `user`, `assistant` …
  /// @param content what it says
  public record Message(String role, String content) {}

  /// A conversation of texts, after which the model speaks.
  public static Conversation of(List<Message> messages) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    for (Message message : messages) {
      data.withArray("messages")
          .addObject()
          .put("role", message.role())
          .put("content", message.content());
    }
    return of(data).withGenerationPrompt(true);
  }

  /// The variables that a JSON object has.
  ///
  /// @throws LengthwiseException when `messages` is not a list of objects
  public static Conversation of(ObjectNode data) {
    JsonNode messages = data.path("messages");
    boolean objects = true;
    for (JsonNode message : messages) {
      objects &= message.isObject();
    }
    if (!messages.isMissingNode() && !(messages.isArray() && objects)) {
      throw new LengthwiseException(
          "\"messages\" must be a list of objects such as {\"role\": \"user\", \"content\":"
              + " \"Hello\"}.");
    }
    Map<String, JsonNode> variables = new LinkedHashMap<>();
    data.properties().forEach(entry -> variables.put(entry.getKey(), entry.getValue()));
    return new Conversation(variables);
  }

  /// The same with the begin of the model's answer at the end, or without.
  public Conversation withGenerationPrompt(boolean wanted) {
    Map<String, JsonNode> more = new LinkedHashMap<>(variables);
    more.put(GENERATION_PROMPT, JsonNodeFactory.instance.booleanNode(wanted));
    return new Conversation(more);
  }

  /// The same with what transformers gives to templates where a caller says nothing: no tools, no
  /// documents, and the begin of the model's answer at the end.
  public Conversation withDefaults() {
    Map<String, JsonNode> all = new LinkedHashMap<>();
    all.put("tools", JsonNodeFactory.instance.nullNode());
    all.put("documents", JsonNodeFactory.instance.nullNode());
    all.put(GENERATION_PROMPT, JsonNodeFactory.instance.booleanNode(true));
    all.putAll(variables);
    return new Conversation(all);
  }

  /// Whether the model may call tools.
  public boolean hasTools() {
    JsonNode tools = variables.get("tools");
    return tools != null && !tools.isEmpty();
  }
}
