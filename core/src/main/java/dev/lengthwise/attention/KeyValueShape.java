package dev.lengthwise.attention;

/// The sizes of the keys and values of a layer, and how they are kept.
///
/// @param heads key and value heads
/// @param headSize channels of a head
/// @param type encoding
public record KeyValueShape(int heads, int headSize, CacheType type) {

  /// Checks that sizes are positive.
  public KeyValueShape {
    if (heads <= 0 || headSize <= 0) {
      throw new IllegalArgumentException("heads and head size must be positive");
    }
  }
}
