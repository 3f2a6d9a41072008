package dev.lengthwise.attention;

/// How keys and values are kept between steps.
public enum CacheType {
  /// Single precision.
  F32(Float.BYTES, 0),
  /// The upper half of single precision, rounded to nearest even: half the memory.
  BF16(Short.BYTES, 0),
  /// Signed bytes with one half-precision scale for each 32 channels of a token, `x = scale · q`,
  /// as in ggml: 8.5 bits an element.
  Q8_0(Byte.BYTES, 32);

  private final int elementBytes;
  private final int group;

  CacheType(int elementBytes, int group) {
    this.elementBytes = elementBytes;
    this.group = group;
  }

  /// Bytes of an element with its share of the scale.
  public double bytes() {
    return elementBytes + (group == 0 ? 0 : (double) Short.BYTES / group);
  }

  /// Bytes of an element, scales aside.
  public int elementBytes() {
    return elementBytes;
  }

  /// Scales of one key or value of `size` channels.
  public int groups(int size) {
    return group == 0 ? 0 : (size + group - 1) / group;
  }

  /// Channels that share a scale.
  public int group() {
    return group;
  }
}
