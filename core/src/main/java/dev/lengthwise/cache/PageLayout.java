package dev.lengthwise.cache;

import dev.lengthwise.attention.CacheType;

/// Where the numbers of one page lie: the keys or the values of [#KEYS] consecutive tokens, head
/// after head.
///
/// Keys of a head lie `[size, KEYS]`, so that kernels score as many keys at once as a vector has
/// lanes, and no score is ever summed across lanes; their scales lie `[groups, KEYS]` behind.
/// Values of a head lie `[KEYS, width]` with the scales `[KEYS, groups]` behind. Pages begin at
/// multiples of [#KEYS] in the text.
///
/// @param kind keys or values
/// @param type encoding of the elements
/// @param heads key and value heads
/// @param size channels of a head
public record PageLayout(Kind kind, CacheType type, int heads, int size) {

  /// Tokens of a page.
  public static final int KEYS = 64;

  /// Columns that lie together in decoded values. A constant stride lets the compiler take the
  /// checks of bounds out of the innermost loop of a product.
  public static final int STRIDE = KEYS;

  /// Channels of values are padded with zeros to a multiple of this: whole vectors of any width.
  private static final int PADDING = 16;

  /// What a page holds.
  public enum Kind {
    KEYS,
    VALUES
  }

  /// `size`, rounded up to whole vectors.
  public static int width(int size) {
    return (size + PADDING - 1) / PADDING * PADDING;
  }

  /// Channels of a head, rounded up to whole vectors.
  public int width() {
    return width(size);
  }

  /// Scales of one token of one head.
  public int groups() {
    return type.groups(size);
  }

  /// Elements of one head.
  public int elements() {
    return KEYS * (kind == Kind.KEYS ? size : width());
  }

  /// Floats of one head, decoded.
  public int decodedElements() {
    return kind == Kind.KEYS ? elements() : (width() + STRIDE - 1) / STRIDE * KEYS * STRIDE;
  }

  /// Index of a decoded element within its head.
  public int decodedElement(int token, int channel) {
    return kind == Kind.KEYS
        ? element(token, channel)
        : (channel / STRIDE * KEYS + token) * STRIDE + channel % STRIDE;
  }

  /// Bytes of one head.
  public long headBytes() {
    return (long) elements() * type.elementBytes() + (long) groups() * KEYS * Short.BYTES;
  }

  /// Bytes of a page.
  public long bytes() {
    return heads * headBytes();
  }

  /// Index of an element within its head.
  public int element(int token, int channel) {
    return kind == Kind.KEYS ? channel * KEYS + token : token * width() + channel;
  }

  /// Where a scale lies within its head, in bytes.
  public long scaleOffset(int token, int group) {
    int index = kind == Kind.KEYS ? group * KEYS + token : token * groups() + group;
    return (long) elements() * type.elementBytes() + (long) index * Short.BYTES;
  }
}
