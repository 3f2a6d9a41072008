package dev.lengthwise.matrix;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The inner loops of the types with blocks of 256 weights: products of a strip of one row with one
/// token, for vectors of 16 lanes. [QuantisedDot] calls them.
///
/// Numbers become floats as in [BlockDot]. One row at a time: the token is a memory operand of the
/// FMAs, so rows would share nothing. Written out for the same reason as in [BlockDot].
final class SuperBlockDot {

  // Lanes of the result: scales 0–3 and 4–7, minima 0–3 and 4–7; of the source: the 12 bytes.
  private static final int[] FROM = {0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 8, 9, 10, 11};
  private static final int[] UPPER_FROM = {0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7};
  private static final int[] SHIFT = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4};
  private static final int[] BITS = {
    63, 63, 63, 63, 15, 15, 15, 15, 63, 63, 63, 63, 15, 15, 15, 15
  };
  private static final int[] UPPER_BITS = {0, 0, 0, 0, 48, 48, 48, 48, 0, 0, 0, 0, 48, 48, 48, 48};

  private SuperBlockDot() {}

  /// Decodes the scales of a strip of Q4_K or Q5_K, 16 floats a block of which eight are scales,
  /// and adds the products of the minima with the sums of the activations of their parts.
  ///
  /// @param inputSums 16 a block: eight zeros and eight sums
  static void scales(
      long weights,
      int stride,
      int blocks,
      float[] inputSums,
      int from,
      Scratch scratch,
      int at,
      int to) {
    long p = Memory.known(weights);
    IntVector places = IntVector.fromArray(Lanes.INTS, FROM, 0);
    IntVector upperPlaces = IntVector.fromArray(Lanes.INTS, UPPER_FROM, 0);
    IntVector shift = IntVector.fromArray(Lanes.INTS, SHIFT, 0);
    IntVector bits = IntVector.fromArray(Lanes.INTS, BITS, 0);
    IntVector upperBits = IntVector.fromArray(Lanes.INTS, UPPER_BITS, 0);
    VectorMask<Float> minima = VectorMask.fromLong(Lanes.FLOATS, 0xff00);
    FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to);
    for (int b = 0; b < blocks; b++) {
      long o = p + (long) b * stride;
      IntVector packed =
          (IntVector)
              ByteVector.fromMemorySegment(ByteVector.SPECIES_128, Memory.ALL, o + 4, Memory.ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0);
      IntVector low = places.selectFrom(packed).lanewise(VectorOperators.LSHR, shift).and(bits);
      IntVector upper =
          upperPlaces.selectFrom(packed).lanewise(VectorOperators.LSHR, 2).and(upperBits);
      FloatVector common =
          FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(o))
              .blend(FloatVector.broadcast(Lanes.FLOATS, -Memory.halfAt(o + 2)), minima);
      FloatVector scales =
          ((FloatVector) low.or(upper).convert(VectorOperators.I2F, 0)).mul(common);
      scales.intoArray(scratch.scales, at + b * 16);
      sum = scales.fma(FloatVector.fromArray(Lanes.FLOATS, inputSums, from + b * 16), sum);
    }
    sum.intoArray(scratch.vectors, to);
  }

  /// Decodes the 16 scales of each block of a strip of Q6_K.
  static void sixBitScales(long weights, int blocks, Scratch scratch, int at) {
    long p = Memory.known(weights);
    for (int b = 0; b < blocks; b++) {
      long o = p + b * 210L;
      FloatVector common = FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(o + 208));
      ((FloatVector)
              ByteVector.fromMemorySegment(
                      ByteVector.SPECIES_128, Memory.ALL, o + 192, Memory.ORDER)
                  .convertShape(VectorOperators.B2F, Lanes.FLOATS, 0))
          .mul(common)
          .intoArray(scratch.scales, at + b * 16);
    }
  }

  /// Q4_K.
  static void fourBits(long weights, long input, int blocks, Scratch scratch, int at, int to) {
    float[] scales = scratch.scales;
    long p = Memory.known(weights);
    long x = Memory.known(input);
    IntVector lowerBits = Nibbles.lower();
    IntVector upperBits = Nibbles.upper();
    IntVector lowerBase = Nibbles.lowerBase();
    IntVector upperBase = Nibbles.upperBase();
    FloatVector lowerZero = Nibbles.lowerZero(0);
    FloatVector upperZero = Nibbles.upperZero(0);
    FloatVector even = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    // 64 weights at a time.
    for (int g = 0; g < 4 * blocks; g++) {
      long o = p + (g >> 2) * 144L + 16 + (g & 3) * 32L;
      long xo = x + g * 256L;
      int scale = at + (g >> 2) * 16 + (g & 3) * 2;
      IntVector first =
          ((IntVector)
              ByteVector.fromMemorySegment(ByteVector.SPECIES_128, Memory.ALL, o, Memory.ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0));
      IntVector second =
          ((IntVector)
              ByteVector.fromMemorySegment(ByteVector.SPECIES_128, Memory.ALL, o + 16, Memory.ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0));
      FloatVector lower =
          first
              .and(lowerBits)
              .or(lowerBase)
              .reinterpretAsFloats()
              .sub(lowerZero)
              .mul(FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo, Memory.ORDER));
      lower =
          second
              .and(lowerBits)
              .or(lowerBase)
              .reinterpretAsFloats()
              .sub(lowerZero)
              .fma(
                  FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo + 64, Memory.ORDER),
                  lower);
      even = lower.fma(FloatVector.broadcast(Lanes.FLOATS, scales[scale]), even);
      FloatVector upper =
          first
              .and(upperBits)
              .or(upperBase)
              .reinterpretAsFloats()
              .sub(upperZero)
              .mul(FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo + 128, Memory.ORDER));
      upper =
          second
              .and(upperBits)
              .or(upperBase)
              .reinterpretAsFloats()
              .sub(upperZero)
              .fma(
                  FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo + 192, Memory.ORDER),
                  upper);
      odd = upper.fma(FloatVector.broadcast(Lanes.FLOATS, scales[scale + 1]), odd);
    }
    even.add(odd).intoArray(scratch.vectors, to);
  }

  /// Q5_K.
  static void fiveBits(long weights, long input, int blocks, Scratch scratch, int at, int to) {
    float[] scales = scratch.scales;
    long p = Memory.known(weights);
    long x = Memory.known(input);
    IntVector lowerBits = Nibbles.lower();
    IntVector upperBits = Nibbles.upper();
    IntVector lowerBase = Nibbles.lowerBase();
    IntVector upperBase = Nibbles.upperBase();
    FloatVector lowerZero = Nibbles.lowerZero(0);
    FloatVector upperZero = Nibbles.upperZero(0);
    FloatVector even = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    for (int b = 0; b < blocks; b++) {
      long o = p + b * 176L + 16;
      // Bits 2 g and 2 g + 1 of part g, in turn, come to bit 4 and bit 8.
      IntVector firstFifth =
          ((IntVector)
                  ByteVector.fromMemorySegment(ByteVector.SPECIES_128, Memory.ALL, o, Memory.ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0))
              .lanewise(VectorOperators.LSHL, 7);
      IntVector secondFifth =
          ((IntVector)
                  ByteVector.fromMemorySegment(
                          ByteVector.SPECIES_128, Memory.ALL, o + 16, Memory.ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0))
              .lanewise(VectorOperators.LSHL, 7);
      for (int g = 0; g < 4; g++) {
        long q = o + 32 + g * 32L;
        long xo = x + (b * 4L + g) * 256;
        int scale = at + b * 16 + g * 2;
        IntVector first =
            ((IntVector)
                ByteVector.fromMemorySegment(ByteVector.SPECIES_128, Memory.ALL, q, Memory.ORDER)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0));
        IntVector second =
            ((IntVector)
                ByteVector.fromMemorySegment(
                        ByteVector.SPECIES_128, Memory.ALL, q + 16, Memory.ORDER)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0));
        IntVector more = firstFifth.lanewise(VectorOperators.LSHR, 3).and(1 << 4);
        FloatVector lower =
            first
                .and(lowerBits)
                .or(lowerBase)
                .or(more)
                .reinterpretAsFloats()
                .sub(lowerZero)
                .mul(FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo, Memory.ORDER));
        more = secondFifth.lanewise(VectorOperators.LSHR, 3).and(1 << 4);
        lower =
            second
                .and(lowerBits)
                .or(lowerBase)
                .or(more)
                .reinterpretAsFloats()
                .sub(lowerZero)
                .fma(
                    FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo + 64, Memory.ORDER),
                    lower);
        even = lower.fma(FloatVector.broadcast(Lanes.FLOATS, scales[scale]), even);
        more = firstFifth.and(1 << 8);
        FloatVector upper =
            first
                .and(upperBits)
                .or(upperBase)
                .or(more)
                .reinterpretAsFloats()
                .sub(upperZero)
                .mul(
                    FloatVector.fromMemorySegment(
                        Lanes.FLOATS, Memory.ALL, xo + 128, Memory.ORDER));
        more = secondFifth.and(1 << 8);
        upper =
            second
                .and(upperBits)
                .or(upperBase)
                .or(more)
                .reinterpretAsFloats()
                .sub(upperZero)
                .fma(
                    FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo + 192, Memory.ORDER),
                    upper);
        odd = upper.fma(FloatVector.broadcast(Lanes.FLOATS, scales[scale + 1]), odd);
        firstFifth = firstFifth.lanewise(VectorOperators.LSHR, 2);
        secondFifth = secondFifth.lanewise(VectorOperators.LSHR, 2);
      }
    }
    even.add(odd).intoArray(scratch.vectors, to);
  }

  /// Q6_K.
  static void sixBits(long weights, long input, int blocks, Scratch scratch, int at, int to) {
    float[] scales = scratch.scales;
    long p = Memory.known(weights);
    long x = Memory.known(input);
    IntVector lowerBits = Nibbles.lower();
    IntVector upperBits = Nibbles.upper();
    IntVector lowerBase = Nibbles.lowerBase();
    IntVector upperBase = Nibbles.upperBase();
    FloatVector lowerZero = Nibbles.lowerZero(32);
    FloatVector upperZero = Nibbles.upperZero(32);
    FloatVector even = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    // A quarter of a block: 16 numbers of each of the four quarters of a half.
    for (int g = 0; g < 4 * blocks; g++) {
      int block = g >> 2;
      int half = g >> 1 & 1;
      int part = g & 1;
      long o = p + block * 210L + part * 16L;
      long xo = x + block * 1024L + half * 512L + part * 64L;
      int scale = at + block * 16 + half * 8 + part;
      IntVector first =
          ((IntVector)
              ByteVector.fromMemorySegment(
                      ByteVector.SPECIES_128, Memory.ALL, o + half * 64L, Memory.ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0));
      IntVector second =
          ((IntVector)
              ByteVector.fromMemorySegment(
                      ByteVector.SPECIES_128, Memory.ALL, o + half * 64L + 32, Memory.ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0));
      IntVector two =
          ((IntVector)
              ByteVector.fromMemorySegment(
                      ByteVector.SPECIES_128, Memory.ALL, o + 128 + half * 32L, Memory.ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0));
      IntVector by4 = two.lanewise(VectorOperators.LSHL, 4);
      IntVector by2 = two.lanewise(VectorOperators.LSHL, 2);
      FloatVector number =
          first
              .and(lowerBits)
              .or(lowerBase)
              .or(by4.and(3 << 4))
              .reinterpretAsFloats()
              .sub(lowerZero);
      even =
          number
              .mul(FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo, Memory.ORDER))
              .fma(FloatVector.broadcast(Lanes.FLOATS, scales[scale]), even);
      number =
          second
              .and(lowerBits)
              .or(lowerBase)
              .or(by2.and(3 << 4))
              .reinterpretAsFloats()
              .sub(lowerZero);
      odd =
          number
              .mul(FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo + 128, Memory.ORDER))
              .fma(FloatVector.broadcast(Lanes.FLOATS, scales[scale + 2]), odd);
      number =
          first
              .and(upperBits)
              .or(upperBase)
              .or(by4.and(3 << 8))
              .reinterpretAsFloats()
              .sub(upperZero);
      even =
          number
              .mul(FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo + 256, Memory.ORDER))
              .fma(FloatVector.broadcast(Lanes.FLOATS, scales[scale + 4]), even);
      number =
          second
              .and(upperBits)
              .or(upperBase)
              .or(by2.and(3 << 8))
              .reinterpretAsFloats()
              .sub(upperZero);
      odd =
          number
              .mul(FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, xo + 384, Memory.ORDER))
              .fma(FloatVector.broadcast(Lanes.FLOATS, scales[scale + 6]), odd);
    }
    even.add(odd).intoArray(scratch.vectors, to);
  }
}
