package dev.lengthwise;

import java.util.OptionalInt;

/// What happens when a text would have more tokens than a limit. Nothing is ever dropped without
/// being told: what the caches of a window forget is in [Session#context], and what a conversation
/// loses is in [ChatReply#droppedMessages].
///
/// The limit bounds memory and time; it says nothing of the trained length, beyond which the
/// position method of the session decides what a model makes of its text.
public sealed interface ContextPolicy {

  /// No limit: texts grow until memory ends.
  ContextPolicy UNLIMITED = new Unlimited();

  /// A text of more tokens is refused with an exception, and a generation ends at the limit.
  ///
  /// @param limit most tokens of a text
  /// @throws IllegalArgumentException when it is not positive
  static ContextPolicy refuse(int limit) {
    return new Refuse(limit);
  }

  /// A conversation of more tokens loses its oldest turns, system messages never; any other text is
  /// refused. A generation ends at the limit.
  ///
  /// @param limit most tokens of a text
  /// @throws IllegalArgumentException when it is not positive
  static ContextPolicy dropOldestTurns(int limit) {
    return new DropOldestTurns(limit);
  }

  /// Most tokens of a text, where there is a limit.
  OptionalInt limit();

  /// No limit.
  record Unlimited() implements ContextPolicy {
    @Override
    public OptionalInt limit() {
      return OptionalInt.empty();
    }
  }

  /// Refuses texts of more tokens.
  ///
  /// @param tokens the limit, 1 or more
  record Refuse(int tokens) implements ContextPolicy {

    /// Checks the limit.
    public Refuse {
      requirePositive(tokens);
    }

    @Override
    public OptionalInt limit() {
      return OptionalInt.of(tokens);
    }
  }

  /// Drops the oldest turns of conversations of more tokens.
  ///
  /// @param tokens the limit, 1 or more
  record DropOldestTurns(int tokens) implements ContextPolicy {

    /// Checks the limit.
    public DropOldestTurns {
      requirePositive(tokens);
    }

    @Override
    public OptionalInt limit() {
      return OptionalInt.of(tokens);
    }
  }

  private static void requirePositive(int tokens) {
    if (tokens <= 0) {
      throw new IllegalArgumentException(
          "the limit of a context must be positive, found " + tokens);
    }
  }
}
