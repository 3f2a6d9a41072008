package dev.lengthwise.matrix;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Numbers in the halves of bytes as floats, by one logical operation and a subtraction: in the
/// bits of 2²³ + n the last ones are n, and in those of 2¹⁹ + n they are 16 n, so the upper half
/// needs no shift.
///
/// Constants are loaded from arrays, once before a loop, and then stay in registers: vectors that
/// the compiler knows it loads anew at each use. They cannot be fields of a record, which would be
/// made as an object for each call, with an object for each vector.
final class Nibbles {

  private static final int[] LOWER = filled(0x0f);
  private static final int[] UPPER = filled(0xf0);
  private static final int[] LOWER_BASE = filled(Float.floatToRawIntBits(0x1p23f));
  private static final int[] UPPER_BASE = filled(Float.floatToRawIntBits(0x1p19f));

  // 16 times for each of the zeros 0, 8, 16, 24 and 32.
  private static final float[] LOWER_ZERO = zeros(0x1p23f);
  private static final float[] UPPER_ZERO = zeros(0x1p19f);

  private Nibbles() {}

  private static float[] zeros(float base) {
    float[] zeros = new float[5 * 16];
    for (int i = 0; i < zeros.length; i++) {
      zeros[i] = base + i / 16 * 8;
    }
    return zeros;
  }

  private static int[] filled(int value) {
    int[] values = new int[16];
    Arrays.fill(values, value);
    return values;
  }

  /// The bits of the lower halves.
  static IntVector lower() {
    return IntVector.fromArray(Lanes.INTS, LOWER, 0);
  }

  /// The bits of the upper halves.
  static IntVector upper() {
    return IntVector.fromArray(Lanes.INTS, UPPER, 0);
  }

  /// What the bits of a lower half are added to.
  static IntVector lowerBase() {
    return IntVector.fromArray(Lanes.INTS, LOWER_BASE, 0);
  }

  /// What the bits of an upper half are added to.
  static IntVector upperBase() {
    return IntVector.fromArray(Lanes.INTS, UPPER_BASE, 0);
  }

  /// What is taken from a lower half with its base: the base and the number that stands for
  /// zero, a multiple of 8.
  static FloatVector lowerZero(int zero) {
    return FloatVector.fromArray(Lanes.FLOATS, LOWER_ZERO, zero * 2);
  }

  /// What is taken from an upper half with its base.
  static FloatVector upperZero(int zero) {
    return FloatVector.fromArray(Lanes.FLOATS, UPPER_ZERO, zero * 2);
  }
}
