package dev.lengthwise.attention;

/// A run of keys that are neighbours both in the text and in memory.
///
/// @param firstPosition index in the text of the first key
/// @param firstRow row of the first key in the key and value tensors
/// @param count number of keys
public record KeySpan(long firstPosition, int firstRow, int count) {

  /// Index in the text of the last key.
  public long lastPosition() {
    return firstPosition + count - 1;
  }
}
