package dev.lengthwise.attention;

/// How a text is read: in chunks of one size, the last of which may be shorter.
///
/// @param tokens of the whole text
/// @param chunk most tokens of one step
public record ReadingSteps(long tokens, int chunk) {

  /// Checks the numbers.
  public ReadingSteps {
    if (tokens < 0 || chunk <= 0) {
      throw new IllegalArgumentException(
          "a text has 0 tokens or more and is read in chunks of 1 or more, found %d and %d"
              .formatted(tokens, chunk));
    }
  }

  /// The end of the step that begins at `first`.
  public long end(long first) {
    return Math.min(tokens, first + chunk);
  }

  /// The start of the first step that holds a token at `place` or later, or the end of the text.
  public long startBefore(long place) {
    return Math.min(tokens, place) / chunk * chunk;
  }

  /// The same steps of a text of at most `most` tokens.
  public ReadingSteps atMost(long most) {
    return most >= tokens ? this : new ReadingSteps(most, chunk);
  }
}
