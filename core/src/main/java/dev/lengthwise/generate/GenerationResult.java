package dev.lengthwise.generate;

/// How a generation ended.
///
/// @param promptTokens tokens of the prompt
/// @param generatedTokens tokens that were drawn, the end-of-text token not counted
/// @param text the generated text
/// @param reason why it ended
/// @param promptSeconds time for the prompt
/// @param generationSeconds time for the generated tokens
public record GenerationResult(
    int promptTokens,
    int generatedTokens,
    String text,
    Reason reason,
    double promptSeconds,
    double generationSeconds) {

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
