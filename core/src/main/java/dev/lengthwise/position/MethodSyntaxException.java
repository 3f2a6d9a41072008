package dev.lengthwise.position;

/// A text that is not written as a method is.
public final class MethodSyntaxException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final String method;

  MethodSyntaxException(String method, String message, Throwable cause) {
    super(message, cause);
    this.method = method;
  }

  /// The name of the method, of which the rest is written wrongly.
  public String method() {
    return method;
  }
}
