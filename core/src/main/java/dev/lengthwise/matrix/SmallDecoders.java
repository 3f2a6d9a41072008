package dev.lengthwise.matrix;

import dev.lengthwise.quantised.EightBitFloat;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// [BlockDecoders] of the types of few bits and of floats of eight, which have no product of their
/// own but for IQ4_XS.
final class SmallDecoders {

  private static final int SIZE = 256;
  private static final int PART = 32;

  private SmallDecoders() {}

  /// F8_E4M3.
  static void fourThree(long from, int count, float[] values, int at) {
    int whole = Lanes.whole(count);
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      Lanes.fourThree(from + c).intoArray(values, at + c);
    }
    for (int c = whole; c < count; c++) {
      values[at + c] = EightBitFloat.E4M3.decode(Memory.unsignedAt(from + c));
    }
  }

  /// F8_E5M2.
  static void fiveTwo(long from, int count, float[] values, int at) {
    int whole = Lanes.whole(count);
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      Lanes.fiveTwo(from + c).intoArray(values, at + c);
    }
    for (int c = whole; c < count; c++) {
      values[at + c] = EightBitFloat.E5M2.decode(Memory.unsignedAt(from + c));
    }
  }

  /// IQ4_XS.
  static void unevenParts(long from, int count, float[] values, int at) {
    for (int part = 0; part < count / PART; part++) {
      long p = from + part / 8 * 136L;
      float scale = Memory.halfAt(p) * Levels.unevenScale(p, part % 8);
      int to = at + part * PART;
      for (int i = 0; i < PART / 2; i++) {
        int pair = Memory.unsignedAt(p + 8 + part % 8 * 16L + i);
        values[to + i] = scale * Levels.UNEVEN[pair & 15];
        values[to + PART / 2 + i] = scale * Levels.UNEVEN[pair >> 4];
      }
    }
  }

  /// Q2_K.
  static void twoBits(long from, int count, float[] values, int at) {
    for (int part = 0; part < count / PART; part++) {
      long p = from + part / 8 * 84L;
      float scale = Memory.halfAt(p + 80);
      float minimum = Memory.halfAt(p + 82);
      for (int i = 0; i < PART; i += Lanes.COUNT) {
        int pair = Memory.unsignedAt(p + part % 8 * 2L + i / 16);
        broadcast(scale * (pair & 15))
            .mul(Lanes.toFloats(twoBits(p + 16, part % 8, i)))
            .sub(minimum * (pair >> 4))
            .intoArray(values, at + part * PART + i);
      }
    }
  }

  /// Q3_K.
  static void threeBits(long from, int count, float[] values, int at) {
    for (int part = 0; part < count / PART; part++) {
      long p = from + part / 8 * 110L;
      float scale = Memory.halfAt(p + 108);
      for (int i = 0; i < PART; i += Lanes.COUNT) {
        IntVector third = Lanes.unsigned(p + i).lanewise(VectorOperators.LSHR, part % 8).and(1);
        IntVector number =
            twoBits(p + 32, part % 8, i).or(third.lanewise(VectorOperators.LSHL, 2)).sub(4);
        broadcast(scale * threeBitScale(p + 96, part % 8 * 2 + i / 16))
            .mul(Lanes.toFloats(number))
            .intoArray(values, at + part * PART + i);
      }
    }
  }

  private static int threeBitScale(long scales, int part) {
    int low = Memory.unsignedAt(scales + part % 8) >> (part / 8 * 4) & 15;
    int upper = Memory.unsignedAt(scales + 8 + part % 4) >> (part / 4 * 2) & 3;
    return (low | upper << 4) - 32;
  }

  /// TQ2_0.
  static void ternary(long from, int count, float[] values, int at) {
    for (int part = 0; part < count / PART; part++) {
      long p = from + part / 8 * 66L;
      FloatVector scale = broadcast(Memory.halfAt(p + 64));
      for (int i = 0; i < PART; i += Lanes.COUNT) {
        scale
            .mul(Lanes.toFloats(twoBits(p, part % 8, i).sub(1)))
            .intoArray(values, at + part * PART + i);
      }
    }
  }

  /// TQ1_0.
  static void fives(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / SIZE; b++) {
      long p = from + b * 54L;
      float scale = Memory.halfAt(p + 52);
      int to = at + b * SIZE;
      digits(p, 32, 5, scale, values, to);
      digits(p + 32, 16, 5, scale, values, to + 160);
      digits(p + 48, 4, 4, scale, values, to + 240);
    }
  }

  // Every time a byte is multiplied by 3 its next digit is carried out of it.
  private static void digits(long p, int bytes, int digits, float scale, float[] values, int at) {
    for (int i = 0; i < bytes; i++) {
      int fraction = Memory.unsignedAt(p + i);
      for (int k = 0; k < digits; k++) {
        fraction = (fraction & 0xff) * 3;
        values[at + k * bytes + i] = scale * ((fraction >> 8) - 1);
      }
    }
  }

  // Numbers from `i` on of a part of 32 of a block whose bits begin at `bits`.
  private static IntVector twoBits(long bits, int part, int i) {
    return Lanes.unsigned(bits + part / 4 * 32L + i)
        .lanewise(VectorOperators.LSHR, part % 4 * 2)
        .and(3);
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(Lanes.FLOATS, value);
  }
}
