package dev.lengthwise.quantised;

import java.util.Arrays;

/// Floats of eight bits, as the OCP "8-bit Floating Point Specification" 1.0 defines them.
public enum EightBitFloat {
  /// Four bits of exponent (bias 7), three of fraction; the largest is 448, there are no
  /// infinities, and all ones are "not a number".
  E4M3(0x7e) {
    @Override
    public float decode(int bits) {
      int exponent = (bits >> 3) & 0xf;
      int fraction = bits & 7;
      if (exponent == 0xf && fraction == 7) {
        return Float.NaN;
      }
      float size =
          exponent == 0
              ? Math.scalb((float) fraction, -9)
              : Math.scalb(8f + fraction, exponent - 10);
      return (bits & SIGN) == 0 ? size : -size;
    }
  },

  /// Five bits of exponent, two of fraction: the upper half of an IEEE half.
  E5M2(0x7b) {
    @Override
    public float decode(int bits) {
      return Float.float16ToFloat((short) (bits << 8));
    }
  };

  private static final int SIGN = 0x80;

  // Those of the bits from 0 on: all finite numbers without a sign, in their order.
  @SuppressWarnings("ImmutableEnumChecker") // never written again
  private final float[] sizes;

  /// @param largest bits of the largest finite number
  EightBitFloat(int largest) {
    this.sizes = new float[largest + 1];
    for (int bits = 0; bits <= largest; bits++) {
      sizes[bits] = decode(bits);
    }
  }

  /// The number that the lower eight bits stand for.
  public abstract float decode(int bits);

  /// The nearest float of eight bits, the even one of two; what is too large becomes the largest.
  public byte encode(float value) {
    float size = Math.abs(value);
    int sign = Float.floatToRawIntBits(value) < 0 ? SIGN : 0;
    if (Float.isNaN(value)) {
      return (byte) (sign | 0x7f);
    }
    int found = Arrays.binarySearch(sizes, size);
    int above = found >= 0 ? found : Math.min(-found - 1, sizes.length - 1);
    int below = found >= 0 ? found : -found - 2;
    float middle = (sizes[below] + sizes[above]) / 2;
    boolean up = size > middle || (size == middle && above % 2 == 0);
    return (byte) (sign | (up ? above : below));
  }
}
