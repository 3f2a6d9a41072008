package dev.lengthwise.server.http;

/// What a server does.
public interface Handler {

  /// Answers a request, on a virtual thread of its own. Where it leaves without an answer, or with
  /// one that it has not ended, the connection is closed, so that the client need not wait.
  void handle(Exchange exchange);

  /// The answer to what is no request, such as one that is too large.
  ///
  /// @param status of HTTP
  /// @param sentence why
  Answer refusal(int status, String sentence);
}
