package dev.lengthwise.server;

import dev.lengthwise.batch.BatchLimits;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.server.http.HttpSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How a model is served.
///
/// @param http where, and what is put up with
/// @param key that clients must know; empty: none
/// @param name of the model, as clients say it
/// @param method position method of requests that name none
/// @param template chat template
/// @param contextLimit most tokens of a text, its prompt and what is generated
/// @param limits of the texts of all requests together
/// @param patience for a whole answer
/// @param results folder of reports that the page shows
/// @param slotFolder where slots are saved; empty: nowhere
public record ServerSettings(
    HttpSettings http,
    Optional<String> key,
    String name,
    String method,
    TemplateChoice template,
    int contextLimit,
    BatchLimits limits,
    Duration patience,
    Optional<Path> results,
    Optional<Path> slotFolder) {

  /// Checks the limits against each other.
  public ServerSettings {
    if (contextLimit <= 0 || contextLimit > limits.tokens()) {
      throw new IllegalArgumentException(
          "the most tokens of a text must be positive and at most the %d of all texts, found %d"
              .formatted(limits.tokens(), contextLimit));
    }
  }
}
