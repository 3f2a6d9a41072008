package dev.lengthwise.matrix;

import dev.lengthwise.parallel.VectorWidth;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Loads of one vector of weights or activations, at the chosen width.
///
/// Species must be constants for the compiler, so they are fixed when the class is loaded. No load
/// reads a byte beyond its lanes: the last block of a file may end at the end of a page.
final class Lanes {

  static final VectorSpecies<Float> FLOATS = VectorWidth.floats();
  static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

  /// Lanes of a vector: 16, 8 or 4.
  static final int COUNT = FLOATS.length();

  private static final boolean WIDE = COUNT == 16;
  static final VectorSpecies<Short> SHORTS =
      WIDE
          ? ShortVector.SPECIES_256
          : COUNT == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;
  static final VectorSpecies<Byte> BYTES = WIDE ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

  private static final VectorShuffle<Float> BY_EIGHT = turn(8);
  private static final VectorShuffle<Float> BY_FOUR = turn(4);
  private static final VectorShuffle<Float> BY_TWO = turn(2);
  private static final VectorShuffle<Float> BY_ONE = turn(1);

  // Four bytes are less than the smallest vector: they are one int in every lane, shifted.
  private static final int[] TO_TOP = new int[16];
  private static final int[] NUMBERS = new int[16];

  static {
    for (int lane = 0; lane < 16; lane++) {
      TO_TOP[lane] = 24 - 8 * (lane % 4);
      NUMBERS[lane] = lane;
    }
  }

  private Lanes() {}

  private static VectorShuffle<Float> turn(int lanes) {
    return VectorShuffle.iota(FLOATS, lanes % COUNT, 1, true);
  }

  /// As many of `count` numbers as fill whole vectors.
  static int whole(int count) {
    return count / COUNT * COUNT;
  }

  static FloatVector floats(long address) {
    return FloatVector.fromMemorySegment(FLOATS, Memory.ALL, address, Memory.ORDER);
  }

  /// The sum of all lanes, in one fixed order. (That of `reduceLanes` is not defined, and differs
  /// between code that is compiled and code that is not yet.)
  static float sum(FloatVector vector) {
    FloatVector sum = vector;
    if (COUNT == 16) {
      sum = sum.add(sum.rearrange(BY_EIGHT));
    }
    if (COUNT >= 8) {
      sum = sum.add(sum.rearrange(BY_FOUR));
    }
    sum = sum.add(sum.rearrange(BY_TWO));
    sum = sum.add(sum.rearrange(BY_ONE));
    return sum.lane(0);
  }

  /// The sums of all lanes of some vectors, as [#sum] has them.
  ///
  /// Kernels with large inner loops leave their vectors and sum them here at the end: the compiler
  /// no longer inlines [#sum] into them, and a call needs its argument as an object.
  ///
  /// @param vectors `count` vectors one after the other
  static void sums(float[] vectors, int count, float[] sums, int at) {
    for (int n = 0; n < count; n++) {
      sums[at + n] = sum(FloatVector.fromArray(FLOATS, vectors, n * COUNT));
    }
  }

  static void put(FloatVector vector, long address) {
    vector.intoMemorySegment(Memory.ALL, address, Memory.ORDER);
  }

  static FloatVector bf16(long address) {
    return shorts(address).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /// Halves as floats, for every bit pattern: exponent and mantissa move to their place in a float,
  /// which then is 2¹¹² too small; where the exponent was full, it is made full again.
  static FloatVector halves(long address) {
    return halves(shorts(address));
  }

  /// Halves as floats.
  static FloatVector halves(short[] halves, int at) {
    return halves(widened(ShortVector.fromArray(SHORTS, halves, at)));
  }

  private static FloatVector halves(IntVector bits) {
    FloatVector magnitude =
        bits.and(0x7fff).lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f);
    VectorMask<Integer> full = bits.and(0x7c00).compare(VectorOperators.EQ, 0x7c00);
    IntVector sign = bits.and(0x8000).lanewise(VectorOperators.LSHL, 16);
    IntVector result = magnitude.reinterpretAsInts().or(sign);
    return result.lanewise(VectorOperators.OR, 0x7f800000, full).reinterpretAsFloats();
  }

  /// Bytes of F8_E5M2, the upper halves of halves.
  static FloatVector fiveTwo(long address) {
    return halves(unsigned(address).lanewise(VectorOperators.LSHL, 8));
  }

  /// Bytes of F8_E4M3, as [#halves]: only all ones are not a number.
  static FloatVector fourThree(long address) {
    IntVector bits = unsigned(address);
    FloatVector magnitude =
        bits.and(0x7f).lanewise(VectorOperators.LSHL, 20).reinterpretAsFloats().mul(0x1p120f);
    VectorMask<Integer> full = bits.and(0x7f).compare(VectorOperators.EQ, 0x7f);
    IntVector sign = bits.and(0x80).lanewise(VectorOperators.LSHL, 24);
    IntVector result = magnitude.reinterpretAsInts().or(sign);
    return result.lanewise(VectorOperators.OR, 0x7fc00000, full).reinterpretAsFloats();
  }

  /// Stores floats as bf16, rounded to the nearest and to even on a tie; NaN stays NaN.
  static void putBf16(FloatVector values, long address) {
    IntVector bits = values.reinterpretAsInts();
    IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
    IntVector rounded = bits.add(0x7fff).add(upper.and(1)).lanewise(VectorOperators.LSHR, 16);
    VectorMask<Integer> notANumber = bits.and(0x7fffffff).compare(VectorOperators.GT, 0x7f800000);
    putShorts(rounded.blend(upper.or(0x40), notANumber), address);
  }

  // Stores the lower halves of the lanes.
  private static void putShorts(IntVector lanes, long address) {
    ((ShortVector) lanes.convertShape(VectorOperators.I2S, SHORTS, 0))
        .intoMemorySegment(Memory.ALL, address, Memory.ORDER);
  }

  private static IntVector shorts(long address) {
    return widened(ShortVector.fromMemorySegment(SHORTS, Memory.ALL, address, Memory.ORDER));
  }

  private static IntVector widened(ShortVector shorts) {
    return (IntVector) shorts.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
  }

  /// Signed bytes.
  static FloatVector bytes(long address) {
    if (COUNT == 4) {
      return toFloats(top(address).lanewise(VectorOperators.ASHR, 24));
    }
    return (FloatVector)
        ByteVector.fromMemorySegment(BYTES, Memory.ALL, address, Memory.ORDER)
            .convertShape(VectorOperators.B2F, FLOATS, 0);
  }

  /// Unsigned bytes.
  static IntVector unsigned(long address) {
    if (COUNT == 4) {
      return top(address).lanewise(VectorOperators.LSHR, 24);
    }
    return (IntVector)
        ByteVector.fromMemorySegment(BYTES, Memory.ALL, address, Memory.ORDER)
            .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
  }

  private static IntVector top(long address) {
    return IntVector.broadcast(INTS, Memory.intAt(address))
        .lanewise(VectorOperators.LSHL, IntVector.fromArray(INTS, TO_TOP, 0));
  }

  static FloatVector toFloats(IntVector numbers) {
    return (FloatVector) numbers.convert(VectorOperators.I2F, 0);
  }

  /// Bits `first`, `first + 1` … of `bits`, one in each lane.
  static IntVector bits(int bits, int first) {
    return IntVector.broadcast(INTS, bits)
        .lanewise(VectorOperators.LSHR, IntVector.fromArray(INTS, NUMBERS, 0).add(first))
        .and(1);
  }
}
