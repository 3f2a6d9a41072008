package dev.lengthwise.batch;

/// What of a text is scored.
///
/// @param prompt whether the tokens of the prompt are
/// @param drawn whether the tokens that are drawn are
/// @param top most likely tokens to name beside each
public record Scoring(boolean prompt, boolean drawn, int top) {

  /// Nothing.
  public static final Scoring NONE = new Scoring(false, false, 0);
}
