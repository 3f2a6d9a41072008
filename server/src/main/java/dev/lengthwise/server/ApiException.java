package dev.lengthwise.server;

import dev.lengthwise.server.http.Answer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request that cannot be served, as OpenAI's interface says it.
final class ApiException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final @Nullable String code;
  private final @Nullable String parameter;

  private ApiException(
      int status,
      String type,
      @Nullable String code,
      @Nullable String parameter,
      String message,
      @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
    this.type = type;
    this.code = code;
    this.parameter = parameter;
  }

  /// A request that is wrong as a whole.
  static ApiException invalid(String message) {
    return new ApiException(400, "invalid_request_error", null, null, message, null);
  }

  /// A request with a field that is wrong.
  static ApiException invalid(String parameter, String message) {
    return new ApiException(400, "invalid_request_error", null, parameter, message, null);
  }

  /// A prompt that is too long.
  static ApiException tooLong(String message) {
    return new ApiException(
        400, "invalid_request_error", "context_length_exceeded", "prompt", message, null);
  }

  /// Another failure.
  ///
  /// @param status of HTTP
  static ApiException of(int status, String type, String message) {
    return new ApiException(status, type, null, null, message, null);
  }

  /// A failure that no client caused.
  ///
  /// @param cause for those who run the server; clients are told the message alone
  static ApiException ofServer(String message, Throwable cause) {
    return new ApiException(500, "server_error", null, null, message, cause);
  }

  /// A failure with a code of its own.
  static ApiException of(int status, String type, String code, String parameter, String message) {
    return new ApiException(status, type, code, parameter, message, null);
  }

  /// The same failure where clients know fields by other names.
  ///
  /// @param names those of the client by those that this failure has
  ApiException inTermsOf(Map<String, String> names) {
    String message = String.valueOf(getMessage());
    for (Map.Entry<String, String> name : names.entrySet()) {
      message = message.replace("'" + name.getKey() + "'", "'" + name.getValue() + "'");
    }
    String renamed = parameter == null ? null : names.getOrDefault(parameter, parameter);
    return new ApiException(status, type, code, renamed, message, getCause());
  }

  /// The body that clients read.
  String json() {
    return Json.object()
        .set(
            "error",
            Json.object()
                .put("message", getMessage())
                .put("type", type)
                .put("param", parameter)
                .put("code", code))
        .toString();
  }

  Answer answer() {
    return Answer.json(status, json());
  }
}
