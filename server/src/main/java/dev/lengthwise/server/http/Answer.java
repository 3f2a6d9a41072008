package dev.lengthwise.server.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// A whole answer.
///
/// @param status of HTTP
/// @param contentType of the body
/// @param body its bytes
/// @param headers further ones
public record Answer(int status, String contentType, byte[] body, Map<String, String> headers) {

  /// Copies the headers.
  public Answer {
    headers = Map.copyOf(headers);
  }

  /// An answer in JSON.
  public static Answer json(int status, String json) {
    return new Answer(
        status, "application/json", json.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /// An answer in text.
  public static Answer text(String contentType, String text) {
    return new Answer(
        200, contentType + "; charset=utf-8", text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /// The same with other headers.
  public Answer with(Map<String, String> others) {
    return new Answer(status, contentType, body, others);
  }
}
