package dev.lengthwise.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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

  private static final String MESSAGES = "messages";
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
      data.withArray(MESSAGES)
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
    JsonNode messages = data.path(MESSAGES);
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

  /// Number of messages.
  public int size() {
    return messages().size();
  }

  private JsonNode messages() {
    return variables.getOrDefault(MESSAGES, JsonNodeFactory.instance.arrayNode());
  }

  /// The same without its oldest turn: the first message that is not of the system, and all up to
  /// the next one of the user. The last turn stays.
  public Conversation withoutOldestTurn() {
    int first = 0;
    while (isOfSystem(role(first))) {
      first++;
    }
    int next = first + 1;
    while (next < size() && !role(next).equals("user")) {
      next++;
    }
    if (next >= size()) {
      return this;
    }
    ArrayNode left = JsonNodeFactory.instance.arrayNode();
    for (int at = 0; at < size(); at++) {
      if (at < first || at >= next) {
        left.add(messages().get(at));
      }
    }
    Map<String, JsonNode> fewer = new LinkedHashMap<>(variables);
    fewer.put(MESSAGES, left);
    return new Conversation(fewer);
  }

  private String role(int message) {
    return messages().path(message).path("role").asText();
  }

  /// Whether a role is that of instructions, which a conversation never loses.
  public static boolean isOfSystem(String role) {
    return role.equals("system") || role.equals("developer");
  }

  /// Whether the model may call tools.
  public boolean hasTools() {
    JsonNode tools = variables.get("tools");
    return tools != null && !tools.isEmpty();
  }
}
