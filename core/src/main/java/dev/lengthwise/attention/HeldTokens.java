package dev.lengthwise.attention;

/// Which tokens of a text have their values held: the first ones, and a run up to the last.
///
/// @param first tokens that stay for ever, `[0, first)`
/// @param recent the first token of the run
/// @param length tokens of the text, where the run ends
public record HeldTokens(long first, long recent, long length) {

  /// Puts the two in order.
  public HeldTokens {
    first = Math.min(first, length);
    recent = Math.clamp(recent, first, length);
  }

  /// How many they are.
  public int count() {
    return Math.toIntExact(first + length - recent);
  }
}
