package dev.lengthwise.server.http;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A request, and the way to answer it, once. For the thread of the request.
public interface Exchange {

  /// `GET`, `POST` …
  String method();

  /// The path without its query.
  String path();

  /// The first value of a name in the query.
  Optional<String> query(String name);

  /// The first header of a name, whatever its case.
  Optional<String> header(String name);

  /// The body; empty where there is none.
  byte[] body();

  /// Answers as a whole.
  ///
  /// @throws ClientGoneException when nobody takes the answer
  void answer(Answer answer);

  /// Begins an answer of events (`text/event-stream`).
  ///
  /// @throws ClientGoneException when nobody takes the answer
  EventStream events(Map<String, String> headers);

  /// The status of the answer that has begun; empty where none has.
  OptionalInt status();

  /// Has `action` run as soon as the client leaves, on another thread; at once if it has.
  void onLeave(Runnable action);

  /// One event of an answer that goes on.
  ///
  /// @param name its type; empty for the usual one
  /// @param data one line
  record Event(Optional<String> name, String data) {

    /// An event of the usual type.
    public static Event of(String data) {
      return new Event(Optional.empty(), data);
    }
  }

  /// An answer that goes on.
  interface EventStream {

    /// Sends one event.
    ///
    /// @throws ClientGoneException when nobody takes it
    void send(Event event);

    /// Ends the answer.
    void end();
  }
}
