package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.chat.ToolCall;
import dev.lengthwise.chat.ToolCallText;
import dev.lengthwise.generate.TokenLogprob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `/chat/completions`: what the model says next. For one answer.
final class ChatFormat implements AnswerFormat {

  private static final int MOST_TOP = 20;

  private final ServedModel model;
  private final OptionalInt top;
  private final Set<String> tools;
  private final Map<Integer, ToolCallText> streamed = new HashMap<>();

  private ChatFormat(ServedModel model, OptionalInt top, Set<String> tools) {
    this.model = model;
    this.top = top;
    this.tools = tools;
  }

  /// Reads what is particular to answers of a conversation.
  static ChatFormat read(Fields fields, ServedModel model, Set<String> tools) {
    fields.refuse("functions", "use 'tools'");
    fields.refuse("function_call", "use 'tool_choice'");
    fields.refuse(
        "reasoning_effort",
        "how much a model reasons depends on its template; use 'chat_template_kwargs'");
    fields.refuse("modalities", "models write text", "[\"text\"]");
    fields.refuse("parallel_tool_calls", "the number of calls is not bound", "true");
    boolean scored = fields.flag("logprobs", false);
    int count = fields.whole("top_logprobs", 0, MOST_TOP).orElse(0);
    if (count > 0 && !scored) {
      throw ApiException.invalid("top_logprobs", "'top_logprobs' goes with \"logprobs\": true");
    }
    return new ChatFormat(model, scored ? OptionalInt.of(count) : OptionalInt.empty(), tools);
  }

  @Override
  public Scoring scoring() {
    return new Scoring(top, false);
  }

  @Override
  public String prefix() {
    return "chatcmpl-";
  }

  @Override
  public String object(boolean piece) {
    return piece ? "chat.completion.chunk" : "chat.completion";
  }

  @Override
  public ObjectNode whole(Choice choice) {
    ToolCallText text = new ToolCallText(tools);
    String certain = text.accept(choice.text());
    ToolCallText.Rest rest = text.end();
    String content = certain + rest.text();
    ObjectNode message = Json.object().put("role", "assistant");
    message.put("content", content.isEmpty() && !rest.calls().isEmpty() ? null : content);
    message.putNull("refusal");
    if (!rest.calls().isEmpty()) {
      message.set("tool_calls", calls(rest.calls(), false));
    }
    ObjectNode node = Json.object().put("index", choice.index());
    node.set("message", message);
    node.set(
        "logprobs",
        top.isPresent() ? new Scores(model).content(shown(choice)) : Json.object().nullNode());
    return node.put("finish_reason", reason(choice, rest));
  }

  // The token that ended the text is not part of a message.
  private static List<TokenLogprob> shown(Choice choice) {
    int tokens = choice.result() == null ? 0 : choice.result().generatedTokens();
    return choice.scores().subList(0, Math.min(tokens, choice.scores().size()));
  }

  private static String reason(Choice choice, ToolCallText.Rest rest) {
    return rest.calls().isEmpty() ? choice.finishReason() : "tool_calls";
  }

  private static ArrayNode calls(List<ToolCall> calls, boolean numbered) {
    ArrayNode array = Json.array();
    for (ToolCall call : calls) {
      ObjectNode node = numbered ? Json.object().put("index", array.size()) : Json.object();
      node.put("id", Ids.of("call_"));
      node.put("type", "function");
      node.set(
          "function", Json.object().put("name", call.name()).put("arguments", call.arguments()));
      array.add(node);
    }
    return array;
  }

  @Override
  public List<ObjectNode> opening(Choice choice) {
    streamed.put(choice.index(), new ToolCallText(tools));
    return List.of(delta(choice, Json.object().put("role", "assistant").put("content", ""), null));
  }

  @Override
  public List<ObjectNode> piece(Choice choice, TextEvent.Token token) {
    String certain = streamed(choice).accept(token.text());
    if (certain.isEmpty() && token.score().isEmpty()) {
      return List.of();
    }
    ObjectNode node = delta(choice, Json.object().put("content", certain), null);
    token
        .score()
        .ifPresent(score -> node.set("logprobs", new Scores(model).content(List.of(score))));
    return List.of(node);
  }

  private ToolCallText streamed(Choice choice) {
    return streamed.computeIfAbsent(choice.index(), _ -> new ToolCallText(tools));
  }

  @Override
  public List<ObjectNode> closing(Choice choice, TextEvent.Ended ended) {
    ToolCallText text = streamed(choice);
    String certain = text.accept(ended.rest());
    ToolCallText.Rest rest = text.end();
    List<ObjectNode> nodes = new ArrayList<>();
    if (!(certain + rest.text()).isEmpty()) {
      nodes.add(delta(choice, Json.object().put("content", certain + rest.text()), null));
    }
    if (!rest.calls().isEmpty()) {
      ObjectNode delta = Json.object();
      delta.set("tool_calls", calls(rest.calls(), true));
      nodes.add(delta(choice, delta, null));
    }
    nodes.add(delta(choice, Json.object(), reason(choice, rest)));
    return nodes;
  }

  private static ObjectNode delta(Choice choice, ObjectNode delta, @Nullable String finishReason) {
    ObjectNode node = Json.object().put("index", choice.index());
    node.set("delta", delta);
    return node.putNull("logprobs").put("finish_reason", finishReason);
  }
}
