package dev.lengthwise.attention;

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
record PageLayout(Kind kind, CacheType type, int heads, int size) {

  /// Tokens of a page.
  static final int KEYS = 64;

  /// Channels of values are padded with zeros to a multiple of this: whole vectors of any width.
  private static final int PADDING = 16;

  enum Kind {
    KEYS,
    VALUES
  }

  /// `size`, rounded up to whole vectors.
  static int width(int size) {
    return (size + PADDING - 1) / PADDING * PADDING;
  }

  int width() {
    return width(size);
  }

  int groups() {
    return type.groups(size);
  }

  /// Elements of one head.
  int elements() {
    return KEYS * (kind == Kind.KEYS ? size : width());
  }

  /// Floats of one head, decoded.
  int decodedElements() {
    return kind == Kind.KEYS
        ? elements()
        : (width() + Kernels.STRIDE - 1) / Kernels.STRIDE * KEYS * Kernels.STRIDE;
  }

  /// Index of a decoded element within its head.
  int decodedElement(int token, int channel) {
    return kind == Kind.KEYS
        ? element(token, channel)
        : (channel / Kernels.STRIDE * KEYS + token) * Kernels.STRIDE + channel % Kernels.STRIDE;
  }

  /// Bytes of one head.
  long headBytes() {
    return (long) elements() * type.elementBytes() + (long) groups() * KEYS * Short.BYTES;
  }

  /// Bytes of a page.
  long bytes() {
    return heads * headBytes();
  }

  /// Index of an element within its head.
  int element(int token, int channel) {
    return kind == Kind.KEYS ? channel * KEYS + token : token * width() + channel;
  }

  /// Where a scale lies within its head, in bytes.
  long scaleOffset(int token, int group) {
    int index = kind == Kind.KEYS ? group * KEYS + token : token * groups() + group;
    return (long) elements() * type.elementBytes() + (long) index * Short.BYTES;
  }
}
