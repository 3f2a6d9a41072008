package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Decodes blocks to floats, a vector at a time; layouts are those of the codecs of `quantised`.
///
/// Every value is computed by the formula of its codec in the same order of operations, so results
/// are equal to the bit.
final class BlockDecoders {

  private static final int PART = 32;
  private static final int HALF = PART / 2;

  private BlockDecoders() {}

  static void bf16(long from, int count, float[] values, int at) {
    int whole = count / Lanes.COUNT * Lanes.COUNT;
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      Lanes.bf16(from + (long) c * Short.BYTES).intoArray(values, at + c);
    }
    for (int c = whole; c < count; c++) {
      values[at + c] = Memory.bf16At(from + (long) c * Short.BYTES);
    }
  }

  static void f16(long from, int count, float[] values, int at) {
    int whole = count / Lanes.COUNT * Lanes.COUNT;
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      Lanes.halves(from + (long) c * Short.BYTES).intoArray(values, at + c);
    }
    for (int c = whole; c < count; c++) {
      values[at + c] = Memory.halfAt(from + (long) c * Short.BYTES);
    }
  }

  static void eightBits(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / PART; b++) {
      long p = from + b * 34L;
      FloatVector scale = half(p);
      for (int i = 0; i < PART; i += Lanes.COUNT) {
        scale.mul(Lanes.bytes(p + 2 + i)).intoArray(values, at + b * PART + i);
      }
    }
  }

  /// Q4_0.
  static void even(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / PART; b++) {
      long p = from + b * 18L;
      FloatVector scale = half(p);
      for (int i = 0; i < HALF; i += Lanes.COUNT) {
        IntVector pair = Lanes.unsigned(p + 2 + i);
        int to = at + b * PART + i;
        scale.mul(Lanes.toFloats(lower(pair).sub(8))).intoArray(values, to);
        scale.mul(Lanes.toFloats(upper(pair).sub(8))).intoArray(values, to + HALF);
      }
    }
  }

  static void uneven(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / PART; b++) {
      long p = from + b * 18L;
      float scale = Memory.halfAt(p);
      int to = at + b * PART;
      for (int i = 0; i < HALF; i++) {
        int pair = Memory.unsignedAt(p + 2 + i);
        values[to + i] = scale * Levels.UNEVEN[pair & 15];
        values[to + HALF + i] = scale * Levels.UNEVEN[pair >> 4];
      }
    }
  }

  static void fourBitFloats(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / PART; b++) {
      long p = from + b * 17L;
      float unit = Levels.UNITS[Memory.unsignedAt(p)];
      int to = at + b * PART;
      for (int i = 0; i < HALF; i++) {
        int pair = Memory.unsignedAt(p + 1 + i);
        values[to + i] = unit * Levels.DOUBLED[pair & 15];
        values[to + HALF + i] = unit * Levels.DOUBLED[pair >> 4];
      }
    }
  }

  /// Q4_1.
  static void affine4(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / PART; b++) {
      long p = from + b * 20L;
      FloatVector scale = half(p);
      FloatVector minimum = half(p + 2);
      for (int i = 0; i < HALF; i += Lanes.COUNT) {
        IntVector pair = Lanes.unsigned(p + 4 + i);
        int to = at + b * PART + i;
        scale.mul(Lanes.toFloats(lower(pair))).add(minimum).intoArray(values, to);
        scale.mul(Lanes.toFloats(upper(pair))).add(minimum).intoArray(values, to + HALF);
      }
    }
  }

  /// Q5_0.
  static void symmetric5(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / PART; b++) {
      long p = from + b * 22L;
      FloatVector scale = half(p);
      int fifth = Memory.intAt(p + 2);
      for (int i = 0; i < HALF; i += Lanes.COUNT) {
        IntVector pair = Lanes.unsigned(p + 6 + i);
        int to = at + b * PART + i;
        IntVector first = withFifth(lower(pair), fifth, i);
        IntVector second = withFifth(upper(pair), fifth, i + HALF);
        scale.mul(Lanes.toFloats(first.sub(16))).intoArray(values, to);
        scale.mul(Lanes.toFloats(second.sub(16))).intoArray(values, to + HALF);
      }
    }
  }

  /// Q5_1.
  static void affine5(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / PART; b++) {
      long p = from + b * 24L;
      FloatVector scale = half(p);
      FloatVector minimum = half(p + 2);
      int fifth = Memory.intAt(p + 4);
      for (int i = 0; i < HALF; i += Lanes.COUNT) {
        IntVector pair = Lanes.unsigned(p + 8 + i);
        int to = at + b * PART + i;
        IntVector first = withFifth(lower(pair), fifth, i);
        IntVector second = withFifth(upper(pair), fifth, i + HALF);
        scale.mul(Lanes.toFloats(first)).add(minimum).intoArray(values, to);
        scale.mul(Lanes.toFloats(second)).add(minimum).intoArray(values, to + HALF);
      }
    }
  }

  /// Q4_K and Q5_K.
  ///
  /// @param bits 4 or 5
  static void superBlocks(int bits, long from, int count, float[] values, int at) {
    int blockBytes = bits == 4 ? 144 : 176;
    for (int b = 0; b < count / 256; b++) {
      long p = from + (long) b * blockBytes;
      for (int part = 0; part < 8; part++) {
        superPart(bits, p, part, values, at + b * 256 + part * PART);
      }
    }
  }

  private static void superPart(int bits, long p, int part, float[] values, int at) {
    FloatVector scale =
        FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(p) * SixBits.scale(p + 4, part));
    FloatVector minimum =
        FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(p + 2) * SixBits.minimum(p + 4, part));
    long pairs = p + 16 + (bits == 5 ? PART : 0) + part / 2 * 32L;
    int shift = part % 2 * 4;
    for (int i = 0; i < PART; i += Lanes.COUNT) {
      IntVector number = Lanes.unsigned(pairs + i).lanewise(VectorOperators.LSHR, shift).and(15);
      if (bits == 5) {
        IntVector fifth = Lanes.unsigned(p + 16 + i).lanewise(VectorOperators.LSHR, part).and(1);
        number = number.or(fifth.lanewise(VectorOperators.LSHL, 4));
      }
      scale.mul(Lanes.toFloats(number)).sub(minimum).intoArray(values, at + i);
    }
  }

  /// Q6_K.
  static void sixBits(long from, int count, float[] values, int at) {
    for (int b = 0; b < count / 256; b++) {
      long p = from + b * 210L;
      float scale = Memory.halfAt(p + 208);
      for (int quarter = 0; quarter < 8; quarter++) {
        sixPart(p, quarter, scale, values, at + b * 256 + quarter * PART);
      }
    }
  }

  // Part q of a block: of its half q / 4, the numbers whose upper bits are pair q % 4 of a byte.
  private static void sixPart(long p, int part, float scale, float[] values, int at) {
    int half = part / 4;
    int inHalf = part % 4;
    long low = p + half * 64L + inHalf % 2 * 32L;
    long high = p + 128 + half * 32L;
    for (int i = 0; i < PART; i += Lanes.COUNT) {
      IntVector four =
          Lanes.unsigned(low + i).lanewise(VectorOperators.LSHR, inHalf / 2 * 4).and(15);
      IntVector two = Lanes.unsigned(high + i).lanewise(VectorOperators.LSHR, inHalf * 2).and(3);
      IntVector number = four.or(two.lanewise(VectorOperators.LSHL, 4)).sub(32);
      float own = scale * Memory.byteAt(p + 192 + part * 2L + i / 16);
      FloatVector.broadcast(Lanes.FLOATS, own)
          .mul(Lanes.toFloats(number))
          .intoArray(values, at + i);
    }
  }

  private static FloatVector half(long address) {
    return FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(address));
  }

  private static IntVector lower(IntVector pair) {
    return pair.and(15);
  }

  private static IntVector upper(IntVector pair) {
    return pair.lanewise(VectorOperators.LSHR, 4);
  }

  private static IntVector withFifth(IntVector four, int fifth, int first) {
    return four.or(Lanes.bits(fifth, first).lanewise(VectorOperators.LSHL, 4));
  }
}
