package dev.lengthwise;

import dev.lengthwise.generate.GenerationResult;

/// What a model answered.
///
/// @param result the text, why it ended, and tokens that were read and generated
/// @param promptTokens tokens of the whole conversation before the answer
/// @param keptTokens those of them that had been read before, and were not read again
/// @param droppedMessages oldest messages that had to go, since the conversation had more tokens
///     than its limit
public record ChatReply(
    GenerationResult result, int promptTokens, int keptTokens, int droppedMessages) {

  /// The answer.
  public String text() {
    return result.text();
  }
}
