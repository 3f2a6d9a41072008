package dev.lengthwise.attention;

/// The sizes of the keys and values of a layer, and how they are kept.
///
/// @param heads key and value heads
/// @param headSize channels of a head's keys
/// @param valueSize channels of a head's values
/// @param type encoding
public record KeyValueShape(int heads, int headSize, int valueSize, CacheType type) {

  /// Checks that sizes are positive.
  public KeyValueShape {
    if (heads <= 0 || headSize <= 0 || valueSize <= 0) {
      throw new IllegalArgumentException("heads and their sizes must be positive");
    }
  }

  /// Values as wide as keys.
  public KeyValueShape(int heads, int headSize, CacheType type) {
    this(heads, headSize, headSize, type);
  }
}
