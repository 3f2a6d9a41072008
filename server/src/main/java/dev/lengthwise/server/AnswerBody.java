package dev.lengthwise.server;

import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.server.http.Exchange.Event;
import java.util.List;

/// The body of one answer: whole, or the events of a stream in the order of the methods.
interface AnswerBody {

  /// All of it, as JSON.
  String whole(List<Choice> choices, TokenUsage usage);

  /// How far a text has come, where the request wants to know.
  List<Event> progress(Choice choice, TextEvent.Progress progress);

  /// A prompt has been read.
  List<Event> opening(Choice choice);

  /// A token was drawn.
  List<Event> piece(Choice choice, TextEvent.Token token);

  /// A text has ended: its rest, and the reason.
  List<Event> closing(Choice choice, TextEvent.Ended ended);

  /// All texts have ended.
  List<Event> ending(List<Choice> choices, TokenUsage usage);

  /// The answer has begun and cannot go on.
  List<Event> failing(ApiException failure);
}
