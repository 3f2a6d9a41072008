package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.chat.ToolCall;
import dev.lengthwise.chat.ToolCallText;
import dev.lengthwise.server.http.Exchange.Event;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The body of a response: items of output, or the events that tell of them one by one. Of one
/// text.
///
/// A stream begins with `response.created` and `response.in_progress` and ends with
/// `response.completed`, `response.incomplete` or `response.failed`, each with the response as far
/// as it is. Between them come for each item that it is added, its pieces, that these are done, and
/// that the item is.
final class ResponseBody implements AnswerBody {

  private final ObjectNode echoed; // what the response repeats of its request
  private final Set<String> tools;
  private final String id = Ids.of("resp_");
  private final String messageId = Ids.of("msg_");
  private final long created = InstantSource.system().millis() / 1000;

  // Of a stream.
  private final ToolCallText text;
  private final StringBuilder sent = new StringBuilder();
  private final List<ObjectNode> events = new ArrayList<>(); // until they are given out
  private final ArrayNode output = Json.array();
  private boolean begun; // whether the message was added
  private int sequence;

  /// @param echoed what the response repeats of its request, with the model and the method
  /// @param tools names of the tools that may be called
  ResponseBody(ObjectNode echoed, Set<String> tools) {
    this.echoed = echoed;
    this.tools = tools;
    this.text = new ToolCallText(tools);
  }

  @Override
  public String whole(List<Choice> choices, TokenUsage usage) {
    Choice choice = choices.getFirst();
    ToolCallText whole = new ToolCallText(tools);
    String certain = whole.accept(choice.text());
    ToolCallText.Rest rest = whole.end();
    String words = certain + rest.text();
    if (!words.isEmpty() || rest.calls().isEmpty()) {
      output.add(message(words, itemStatus(choice)));
    }
    rest.calls().forEach(call -> output.add(call(call, call.arguments(), "completed")));
    return ended(choice, usage).toString();
  }

  private static boolean isCut(Choice choice) {
    return choice.finishReason().equals("length");
  }

  private static String itemStatus(Choice choice) {
    return isCut(choice) ? "incomplete" : "completed";
  }

  private ObjectNode ended(Choice choice, TokenUsage usage) {
    ObjectNode response = response(itemStatus(choice));
    if (isCut(choice)) {
      response.putObject("incomplete_details").put("reason", "max_output_tokens");
    }
    response.set("usage", usage.ofResponse());
    return response;
  }

  private ObjectNode response(String status) {
    ObjectNode response =
        Json.object()
            .put("id", id)
            .put("object", "response")
            .put("created_at", created)
            .put("status", status)
            .putNull("error")
            .putNull("incomplete_details");
    response.setAll(echoed);
    response.set("output", output.deepCopy());
    return response.putNull("usage");
  }

  private ObjectNode message(String words, String status) {
    ObjectNode message =
        Json.object()
            .put("id", messageId)
            .put("type", "message")
            .put("status", status)
            .put("role", "assistant");
    message.putArray("content").add(part(words));
    return message;
  }

  private static ObjectNode part(String words) {
    ObjectNode part = Json.object().put("type", "output_text").put("text", words);
    part.putArray("annotations");
    part.putArray("logprobs");
    return part;
  }

  private static ObjectNode call(ToolCall call, String arguments, String status) {
    return Json.object()
        .put("id", Ids.of("fc_"))
        .put("type", "function_call")
        .put("status", status)
        .put("call_id", Ids.of("call_"))
        .put("name", call.name())
        .put("arguments", arguments);
  }

  /// Nothing: requests for responses have no `return_progress`.
  @Override
  public List<Event> progress(Choice choice, TextEvent.Progress progress) {
    return List.of();
  }

  @Override
  public List<Event> opening(Choice choice) {
    event("response.created").set("response", response("in_progress"));
    event("response.in_progress").set("response", response("in_progress"));
    return drain();
  }

  @Override
  public List<Event> piece(Choice choice, TextEvent.Token token) {
    emitText(text.accept(token.text()));
    return drain();
  }

  @Override
  public List<Event> closing(Choice choice, TextEvent.Ended ended) {
    String certain = text.accept(ended.rest());
    ToolCallText.Rest rest = text.end();
    emitText(certain + rest.text());
    if (begun || rest.calls().isEmpty()) {
      begin();
      endMessage(itemStatus(choice));
    }
    rest.calls().forEach(this::emitCall);
    return drain();
  }

  private void emitText(String words) {
    if (!words.isEmpty()) {
      begin();
      sent.append(words);
      ofPart("response.output_text.delta").put("delta", words).putArray("logprobs");
    }
  }

  private void begin() {
    if (!begun) {
      begun = true;
      ObjectNode empty = message("", "in_progress");
      empty.putArray("content");
      ofItem("response.output_item.added").set("item", empty);
      ofPart("response.content_part.added").set("part", part(""));
    }
  }

  private void endMessage(String status) {
    ofPart("response.output_text.done").put("text", sent.toString()).putArray("logprobs");
    ofPart("response.content_part.done").set("part", part(sent.toString()));
    endItem(message(sent.toString(), status));
  }

  private void endItem(ObjectNode item) {
    ofItem("response.output_item.done").set("item", item);
    output.add(item);
  }

  private void emitCall(ToolCall call) {
    ObjectNode item = call(call, "", "in_progress");
    ofItem("response.output_item.added").set("item", item);
    String itemId = item.path("id").textValue();
    ofItem("response.function_call_arguments.delta")
        .put("item_id", itemId)
        .put("delta", call.arguments());
    ofItem("response.function_call_arguments.done")
        .put("item_id", itemId)
        .put("name", call.name())
        .put("arguments", call.arguments());
    endItem(item.deepCopy().put("status", "completed").put("arguments", call.arguments()));
  }

  @Override
  public List<Event> ending(List<Choice> choices, TokenUsage usage) {
    Choice choice = choices.getFirst();
    event("response." + itemStatus(choice)).set("response", ended(choice, usage));
    return drain();
  }

  @Override
  public List<Event> failing(ApiException failure) {
    ObjectNode response = response("failed");
    response.putObject("error").put("code", "server_error").put("message", failure.getMessage());
    event("response.failed").set("response", response);
    return drain();
  }

  private ObjectNode ofPart(String type) {
    return ofItem(type).put("item_id", messageId).put("content_index", 0);
  }

  // The item is the one after those that have ended.
  private ObjectNode ofItem(String type) {
    return event(type).put("output_index", output.size());
  }

  private ObjectNode event(String type) {
    ObjectNode event = Json.object().put("type", type).put("sequence_number", sequence++);
    events.add(event);
    return event;
  }

  private List<Event> drain() {
    List<Event> drained =
        events.stream()
            .map(event -> new Event(Optional.of(event.path("type").asText()), event.toString()))
            .toList();
    events.clear();
    return drained;
  }
}
