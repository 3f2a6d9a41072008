package dev.lengthwise.hub;

import java.io.IOException;
import java.time.Duration;

/// The hub cannot answer now, and may later.
final class HubBusyException extends IOException {

  private static final long serialVersionUID = 1L;

  private final Duration pause;

  /// Says what the hub answered, and how long it asks to wait.
  HubBusyException(String message, Duration pause) {
    super(message);
    this.pause = pause;
  }

  /// How long `failure` asks to wait.
  static Duration pauseOf(IOException failure) {
    return failure instanceof HubBusyException busy ? busy.pause : Duration.ZERO;
  }
}
