package dev.lengthwise.matrix;

/// The tables that numbers of IQ4_NL, IQ4_XS and MXFP4 choose from, and what scales them: what is
/// needed without vectors, too.
final class Levels {

  /// The levels of IQ4_NL and IQ4_XS, ggml's `kvalues_iq4nl`.
  static final int[] UNEVEN = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /// Twice the floats of MXFP4 by their bits.
  static final int[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

  /// Half the powers of two of MXFP4 by their byte: `2^(e − 128)`.
  static final float[] UNITS = new float[256];

  static {
    for (int e = 0; e < UNITS.length; e++) {
      UNITS[e] = Math.scalb(1f, e - 128);
    }
  }

  private Levels() {}

  /// The whole scale of a part of a block of IQ4_XS.
  ///
  /// @param block its address
  static int unevenScale(long block, int part) {
    int low = Memory.unsignedAt(block + 4 + part / 2) >> (part % 2 * 4) & 15;
    int upper = Memory.unsignedAt(block + 2 + part / 4) >> (part % 4 * 2) & 3;
    return (low | upper << 4) - 32;
  }
}
