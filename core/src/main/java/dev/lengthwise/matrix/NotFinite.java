package dev.lengthwise.matrix;

import dev.lengthwise.quantised.EightBitFloat;
import java.lang.foreign.ValueLayout;

/// Looks for weights that are not finite without decoding them: in a block only its scales can
/// be.
///
/// Models are examined while they are opened or their weights are copied, when no kernel is
/// compiled yet: hence loops over whole numbers, and for scales in half precision one in C where
/// it is there.
final class NotFinite {

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(Memory.ORDER);

  /// A pattern in each of four 16-bit places.
  private static final long FOUR = 0x0001_0001_0001_0001L;

  /// Where exponents of four 16-bit numbers overflow to, once one is added to each.
  private static final long OVERFLOW = 0x8000_8000_8000_8000L;

  private static final int FLOAT_EXPONENT = 0x7f80_0000;
  private static final long BF16_EXPONENT = 0x7f80;
  private static final long HALF_EXPONENT = 0x7c00;

  /// The largest exponent of a microscaled block under which every weight is a float.
  private static final int FINITE_EXPONENT = 252;

  private NotFinite() {}

  /// A weight or scale that is not finite, or 0 when all are finite.
  ///
  /// @param address of the first of `count` neighbours, whole blocks
  static float find(WeightType type, long address, long count) {
    return find(type, address, count, NotFinite::firstNotFinite);
  }

  /// Looks through numbers in half precision, `step` bytes from one to the next.
  @FunctionalInterface
  interface HalfSearch {

    /// The first of `count` numbers from `first` on that is not finite; −1 when all are.
    long firstNotFinite(long first, long count, long step);
  }

  /// The same, with another loop over scales in half precision.
  static float find(WeightType type, long address, long count, HalfSearch search) {
    return switch (type) {
      case F32 -> floats(address, count);
      case BF16 -> sixteenBits(type, address, count, BF16_EXPONENT);
      case F16 -> sixteenBits(type, address, count, HALF_EXPONENT);
      case F8_E4M3 -> eightBits(EightBitFloat.E4M3, address, count);
      case F8_E5M2 -> eightBits(EightBitFloat.E5M2, address, count);
      case Q8_0, Q4_0, Q5_0, IQ4_NL, IQ4_XS -> scales(type, address, count, 0, search);
      case Q4_1, Q5_1, Q4_K, Q5_K -> twoScales(type, address, count, 0, search);
      case Q2_K -> twoScales(type, address, count, 80, search);
      case Q3_K -> scales(type, address, count, 108, search);
      case Q6_K -> scales(type, address, count, 208, search);
      case TQ1_0 -> scales(type, address, count, 52, search);
      case TQ2_0 -> scales(type, address, count, 64, search);
      case MXFP4 -> exponents(type, address, count);
    };
  }

  private static float floats(long address, long count) {
    for (long n = 0; n < count; n++) {
      long at = address + n * Float.BYTES;
      if ((Memory.intAt(at) & FLOAT_EXPONENT) == FLOAT_EXPONENT) {
        return Memory.floatAt(at);
      }
    }
    return 0;
  }

  // Four at a time: an exponent of ones overflows into the place of the sign when one is added.
  private static float sixteenBits(WeightType type, long address, long count, long exponent) {
    long mask = exponent * FOUR;
    long one = (exponent & -exponent) * FOUR;
    long n = 0;
    for (; n + 4 <= count; n += 4) {
      long four = Memory.ALL.get(LONG, address + n * Short.BYTES);
      if ((((four & mask) + one) & OVERFLOW) != 0) {
        break;
      }
    }
    for (; n < count; n++) {
      long at = address + n * Short.BYTES;
      float value = type == WeightType.BF16 ? Memory.bf16At(at) : Memory.halfAt(at);
      if (!Float.isFinite(value)) {
        return value;
      }
    }
    return 0;
  }

  private static float eightBits(EightBitFloat format, long address, long count) {
    for (long n = 0; n < count; n++) {
      // What is not finite has the largest exponent; few numbers have it.
      int bits = Memory.unsignedAt(address + n);
      if ((bits & 0x78) == 0x78 && !Float.isFinite(format.decode(bits))) {
        return format.decode(bits);
      }
    }
    return 0;
  }

  private static float twoScales(
      WeightType type, long address, long count, int offset, HalfSearch search) {
    float first = scales(type, address, count, offset, search);
    return first == 0 ? scales(type, address, count, offset + Short.BYTES, search) : first;
  }

  // Half-precision numbers, one a block.
  private static float scales(
      WeightType type, long address, long count, int offset, HalfSearch search) {
    long first = address + offset;
    long found = search.firstNotFinite(first, count / type.blockSize(), type.blockBytes());
    return found < 0 ? 0 : Memory.halfAt(first + found * type.blockBytes());
  }

  private static long firstNotFinite(long first, long count, long step) {
    for (long n = 0; n < count; n++) {
      if ((Memory.ALL.get(Memory.SHORT, first + n * step) & HALF_EXPONENT) == HALF_EXPONENT) {
        return n;
      }
    }
    return -1;
  }

  // The exponent 255 stands for "not a number" (OCP MX v1.0, 5.4.1); under the two below it the
  // large weights are no floats.
  private static float exponents(WeightType type, long address, long count) {
    float[] values = new float[type.blockSize()];
    long end = address + type.bytes(count);
    for (long block = address; block < end; block += type.blockBytes()) {
      if (Memory.unsignedAt(block) > FINITE_EXPONENT) {
        BlockDecoders.fourBitFloats(block, values.length, values, 0);
        for (float value : values) {
          if (!Float.isFinite(value)) {
            return value;
          }
        }
      }
    }
    return 0;
  }
}
