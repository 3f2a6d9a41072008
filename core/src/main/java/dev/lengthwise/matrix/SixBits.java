package dev.lengthwise.matrix;

/// The eight scales and minima of six bits in the 12 bytes of a Q4_K or Q5_K block.
final class SixBits {

  private SixBits() {}

  static int scale(long pairs, int part) {
    return part < 4
        ? Memory.byteAt(pairs + part) & 63
        : (Memory.byteAt(pairs + part + 4) & 15)
            | ((Memory.unsignedAt(pairs + part - 4) >> 6) << 4);
  }

  static int minimum(long pairs, int part) {
    return part < 4
        ? Memory.byteAt(pairs + part + 4) & 63
        : (Memory.unsignedAt(pairs + part + 4) >> 4)
            | ((Memory.unsignedAt(pairs + part) >> 6) << 4);
  }
}
