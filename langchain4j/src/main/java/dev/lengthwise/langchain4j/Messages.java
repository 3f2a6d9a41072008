package dev.lengthwise.langchain4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.lengthwise.chat.Conversation;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/// Messages and tools of LangChain4j as chat templates read them.
final class Messages {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String CONTENT = "content";

  private Messages() {}

  /// The messages, after which the model speaks.
  ///
  /// @param tools that the model may call
  /// @throws UnsupportedFeatureException of images and other contents that are no text
  static Conversation conversation(List<ChatMessage> messages, List<ToolSpecification> tools) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    ArrayNode all = data.putArray("messages");
    messages.forEach(message -> all.add(of(message)));
    if (!tools.isEmpty()) {
      data.set("tools", tools(tools));
    }
    return Conversation.of(data).withGenerationPrompt(true);
  }

  /// One message.
  static ObjectNode of(ChatMessage message) {
    return switch (message) {
      case SystemMessage system -> text("system", system.text());
      case UserMessage user -> text("user", texts(user.contents()));
      case AiMessage answer -> answer(answer);
      case ToolExecutionResultMessage result ->
          text("tool", texts(result.contents()))
              .put("name", result.toolName())
              .put("tool_call_id", result.id());
      default -> throw unsupported("messages", message.type().name());
    };
  }

  /// What a message says.
  static String content(ChatMessage message) {
    return of(message).path(CONTENT).asText();
  }

  /// Tools as OpenAI's interface has them, which templates expect.
  static ArrayNode tools(List<ToolSpecification> tools) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (ToolSpecification tool : tools) {
      ObjectNode function = all.addObject().put("type", "function").putObject("function");
      function.put("name", tool.name());
      function.put("description", Objects.requireNonNullElse(tool.description(), ""));
      function.set("parameters", parameters(tool));
    }
    return all;
  }

  private static JsonNode parameters(ToolSpecification tool) {
    if (tool.parameters() == null) {
      ObjectNode none = JsonNodeFactory.instance.objectNode().put("type", "object");
      none.putObject("properties");
      return none;
    }
    return MAPPER.valueToTree(JsonSchemaElementUtils.toMap(tool.parameters()));
  }

  private static ObjectNode answer(AiMessage answer) {
    ObjectNode message = text("assistant", Objects.requireNonNullElse(answer.text(), ""));
    if (answer.hasToolExecutionRequests()) {
      ArrayNode calls = message.putArray("tool_calls");
      for (ToolExecutionRequest request : answer.toolExecutionRequests()) {
        ObjectNode call = calls.addObject().put("id", request.id()).put("type", "function");
        ObjectNode function = call.putObject("function").put("name", request.name());
        function.set("arguments", arguments(request));
      }
    }
    return message;
  }

  // Templates write the arguments as JSON themselves; what is none stays the text that it is.
  private static JsonNode arguments(ToolExecutionRequest request) {
    String arguments = request.arguments();
    if (arguments == null) {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      JsonNode read = MAPPER.readTree(arguments);
      return read.isObject() ? read : JsonNodeFactory.instance.textNode(arguments);
    } catch (JsonProcessingException _) {
      return JsonNodeFactory.instance.textNode(arguments);
    }
  }

  private static ObjectNode text(String role, String content) {
    return JsonNodeFactory.instance.objectNode().put("role", role).put(CONTENT, content);
  }

  private static String texts(List<Content> contents) {
    return contents.stream().map(Messages::text).collect(Collectors.joining());
  }

  private static String text(Content content) {
    if (content instanceof TextContent text) {
      return text.text();
    }
    throw unsupported("contents", content.type().name());
  }

  private static UnsupportedFeatureException unsupported(String what, String type) {
    return new UnsupportedFeatureException(
        "The adapter of Lengthwise does not support %s of the type %s"
            .formatted(what, type.toLowerCase(Locale.ROOT)));
  }
}
