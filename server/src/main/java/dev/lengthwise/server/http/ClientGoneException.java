package dev.lengthwise.server.http;

/// The client has left, or does not take what it is sent.
public final class ClientGoneException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// For whoever notices it.
  public ClientGoneException() {
    super("the client has left");
  }
}
