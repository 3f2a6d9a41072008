package dev.lengthwise.generate;

/// A text that is read at once.
///
/// @param ids at least one token
/// @param types the type of each token, for models that learn a vector for each; 0 for a first or
///     only text
@SuppressWarnings("ArrayRecordComponent") // the numbers of one text on their way, never compared
public record WholeText(int[] ids, int[] types) {

  /// Checks the numbers against one another.
  public WholeText {
    if (ids.length == 0 || types.length != ids.length) {
      throw new IllegalArgumentException("a text needs tokens, and a type for each of them");
    }
  }

  /// A first or only text.
  public WholeText(int[] ids) {
    this(ids, new int[ids.length]);
  }

  /// Number of tokens.
  public int length() {
    return ids.length;
  }
}
