package dev.lengthwise.generate;

import java.util.List;

/// How a generation ended.
///
/// @param promptTokens tokens of the prompt that were read: all, unless the caller ended it before
/// @param ids tokens that were drawn, the one that ended the text not among them; the last may not
///     have been read by the sequence
/// @param text the generated text
/// @param reason why it ended
/// @param promptSeconds time for the prompt
/// @param generationSeconds time for the generated tokens
/// @param logprobs how likely each of them was, where the options ask for it
public record GenerationResult(
    int promptTokens,
    int[] ids,
    String text,
    Reason reason,
    double promptSeconds,
    double generationSeconds,
    List<TokenLogprob> logprobs) {

  /// Copies the list.
  public GenerationResult {
    logprobs = List.copyOf(logprobs);
  }

  /// A generation that was cancelled before anything was read.
  public static GenerationResult cancelled() {
    return new GenerationResult(0, new int[0], "", Reason.CANCELLED, 0, 0, List.of());
  }

  /// Number of tokens that were drawn, the one that ended the text not counted.
  public int generatedTokens() {
    return ids.length;
  }

  /// Why a generation ended.
  public enum Reason {
    /// The limit of tokens was reached.
    LENGTH,
    /// The model ended the text.
    END_OF_TEXT,
    /// A stop string came up.
    STOP,
    /// The caller asked to end.
    CANCELLED
  }
}
