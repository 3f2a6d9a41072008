package dev.lengthwise.quantised;

/// The upper half of a 32-bit float: the same range with 8 bits of precision.
public final class Bfloat16 {

  private Bfloat16() {}

  /// The number nearest to `value`, of two as near the even one; beyond the greatest is infinity,
  /// and not-a-number stays that.
  public static short round(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40); // the kept bits of a not-a-number may all be 0
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  /// What `bits` stand for.
  public static float value(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
