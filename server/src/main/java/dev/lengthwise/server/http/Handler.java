package dev.lengthwise.server.http;


/// What a server does.
public interface Handler {

  /// Answers a request, on a virtual thread of its own. It has to answer, whatever happens.
  void handle(Exchange exchange);

  /// The answer to what is no request, such as one that is too large.
  ///
  /// @param status of HTTP
  /// @param sentence why
  Answer refusal(int status, String sentence);

}
