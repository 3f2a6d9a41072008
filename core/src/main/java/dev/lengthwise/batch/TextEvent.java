package dev.lengthwise.batch;

import dev.lengthwise.generate.ContextMap;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.TokenLogprob;
import java.util.List;
import java.util.Optional;

/// What happens to a text, in this order: its prompt is read, tokens are drawn, and it ends. How
// far
/// it has come may be told at any time before the end.
public sealed interface TextEvent {

  /// A chunk of the prompt has been read, or some tokens have been drawn: told where a request asks
  /// for it.
  ///
  /// @param read tokens of the prompt that have been read
  /// @param shared those of them that were read for another text
  /// @param seconds that reading has taken since the text got its place
  /// @param context what the last token saw, and what is held
  record Progress(int read, int shared, double seconds, ContextMap context) implements TextEvent {}

  /// The prompt has been read.
  ///
  /// @param scores of its tokens from the second on, where they were asked for
  /// @param shared tokens at its begin that were read for another text
  /// @param seconds that it took since the text got its place
  record PromptRead(List<TokenLogprob> scores, int shared, double seconds) implements TextEvent {

    /// Copies the list.
    public PromptRead {
      scores = List.copyOf(scores);
    }
  }

  /// A token was drawn that belongs to the text.
  ///
  /// @param id the token
  /// @param text characters that are now certain; empty within a character or a stop string
  /// @param score where it was asked for
  record Token(int id, String text, Optional<TokenLogprob> score) implements TextEvent {}

  /// The text has ended; nothing follows.
  ///
  /// @param rest characters that were held back
  /// @param end score of the token that ended it, where there was one and scores were asked for
  /// @param result all of it
  record Ended(String rest, Optional<TokenLogprob> end, GenerationResult result)
      implements TextEvent {}

  /// The model could not go on; nothing follows.
  ///
  /// @param reason why
  record Failed(RuntimeException reason) implements TextEvent {}
}
