package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.server.http.Exchange.Event;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// The body of completions and conversations: texts as `choices`, in one envelope or in one for
/// each piece.
final class ChoicesBody implements AnswerBody {

  private final AnswerFormat format;
  private final Generation generation;
  private final String model;
  private final String id;
  private final long created = InstantSource.system().millis() / 1000;

  /// @param model name for clients
  ChoicesBody(AnswerFormat format, Generation generation, String model) {
    this.format = format;
    this.generation = generation;
    this.model = model;
    this.id = Ids.of(format.prefix());
  }

  @Override
  public String whole(List<Choice> choices, TokenUsage usage) {
    ArrayNode all = Json.array();
    choices.forEach(choice -> all.add(format.whole(choice)));
    ObjectNode body = envelope(false, all);
    body.set("usage", usage.ofChoices());
    return body.toString();
  }

  @Override
  public List<Event> progress(Choice choice, TextEvent.Progress progress) {
    Prompt prompt = choice.prompt();
    ObjectNode body = envelope(true, Json.array());
    body.set("prompt_progress", ProgressJson.prompt(prompt.ids().length, progress));
    body.set("context", ProgressJson.context(prompt.dropped(), progress.context()));
    return List.of(Event.of(body.toString()));
  }

  @Override
  public List<Event> opening(Choice choice) {
    return events(format.opening(choice));
  }

  @Override
  public List<Event> piece(Choice choice, TextEvent.Token token) {
    return events(format.piece(choice, token));
  }

  @Override
  public List<Event> closing(Choice choice, TextEvent.Ended ended) {
    return events(format.closing(choice, ended));
  }

  @Override
  public List<Event> ending(List<Choice> choices, TokenUsage usage) {
    List<Event> events = new ArrayList<>();
    if (generation.wishes().usage()) {
      ObjectNode last = envelope(true, Json.array());
      last.set("usage", usage.ofChoices());
      events.add(Event.of(last.toString()));
    }
    events.add(Event.of("[DONE]"));
    return events;
  }

  @Override
  public List<Event> failing(ApiException failure) {
    return List.of(Event.of(failure.json()));
  }

  private List<Event> events(List<ObjectNode> parts) {
    return parts.stream()
        .map(part -> Event.of(envelope(true, Json.array().add(part)).toString()))
        .toList();
  }

  private ObjectNode envelope(boolean piece, ArrayNode parts) {
    ObjectNode body =
        Json.object()
            .put("id", id)
            .put("object", format.object(piece))
            .put("created", created)
            .put("model", model);
    body.set("choices", parts);
    return body.put("position_method", generation.method())
        .put("context_policy", generation.wishes().rule().word());
  }
}
