package dev.lengthwise.server;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What happens to a prompt that is too long. Only the request itself can ask for anything but an
/// error.
enum ContextRule {
  /// It is refused.
  ERROR("error"),
  /// It loses its first tokens.
  TRUNCATE_LEFT("truncate-left"),
  /// A conversation loses its oldest turns, system messages never.
  DROP_OLDEST_TURNS("drop-oldest-turns");

  private final String word;

  ContextRule(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  /// The rule that a request names.
  ///
  /// @param possible those that its kind of request has
  static ContextRule of(Optional<String> word, List<ContextRule> possible) {
    String wanted = word.orElse(ERROR.word);
    return Arrays.stream(values())
        .filter(rule -> rule.word.equals(wanted) && possible.contains(rule))
        .findFirst()
        .orElseThrow(
            () ->
                ApiException.invalid(
                    "context_policy",
                    "'context_policy' must be one of %s, found '%s'; windows and sinks are methods:"
                        .formatted(
                            possible.stream()
                                .map(ContextRule::word)
                                .collect(Collectors.joining(", ")),
                            wanted)
                        + " \"position_method\": \"streaming-llm:sinks=4,window=1024\""));
  }
}
