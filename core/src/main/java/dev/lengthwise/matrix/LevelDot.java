package dev.lengthwise.matrix;

import java.util.Arrays;
import java.util.stream.IntStream;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The inner loops of the types whose numbers choose from a table of 16 levels, which is one vector
/// of 16 lanes and stays in a register. [QuantisedDot] calls them; see [BlockDot] for how these
/// loops are written.
final class LevelDot {

  private static final int SIZE = 32;
  private static final int HALF_BYTES = SIZE / 2 * Float.BYTES;

  private static final int[] UNEVEN_BITS = bits(Levels.UNEVEN);
  private static final int[] DOUBLED_BITS = bits(Levels.DOUBLED);

  // As often as they fit the longest vector, so that numbers are places whatever its length.
  private static final byte[] UNEVEN_BYTES = bytes(Levels.UNEVEN);
  private static final byte[] DOUBLED_BYTES = bytes(Levels.DOUBLED);
  private static final VectorSpecies<Byte> LEVELS = Lanes.INTS.withLanes(byte.class);
  private static final int[] LOWER_HALVES = new int[16];

  static {
    Arrays.fill(LOWER_HALVES, 0x0f0f0f0f);
  }

  private LevelDot() {}

  private static int[] bits(int[] levels) {
    return IntStream.of(levels).map(Float::floatToRawIntBits).toArray();
  }

  private static byte[] bytes(int[] levels) {
    byte[] bytes = new byte[64];
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = (byte) levels[n % levels.length];
    }
    return bytes;
  }

  /// The table of a layout as the bits of floats, where vectors have 16 lanes.
  static IntVector floats(GroupLayout layout) {
    int[] bits = layout == GroupLayout.MXFP4 ? DOUBLED_BITS : UNEVEN_BITS;
    return IntVector.fromArray(Lanes.INTS, bits, 0);
  }

  /// The table of a layout as bytes.
  static ByteVector bytes(GroupLayout layout) {
    byte[] bytes = layout == GroupLayout.MXFP4 ? DOUBLED_BYTES : UNEVEN_BYTES;
    return ByteVector.fromArray(LEVELS, bytes, 0);
  }

  /// The lower halves of bytes, to be loaded once before a loop ([Nibbles]).
  static IntVector lower() {
    return IntVector.fromArray(Lanes.INTS, LOWER_HALVES, 0);
  }

  /// The levels of the lower halves of the four bytes of each lane.
  ///
  /// @param lower see [#lower]
  static IntVector levels(IntVector numbers, IntVector lower, ByteVector table) {
    return numbers.and(lower).reinterpretAsBytes().selectFrom(table).reinterpretAsInts();
  }

  /// IQ4_NL.
  static void uneven(
      long weights0, long weights1, long input, int blocks, Scratch scratch, int to0, int to1) {
    long p0 = Memory.known(weights0);
    long p1 = Memory.known(weights1);
    long x = Memory.known(input);
    IntVector table = IntVector.fromArray(Lanes.INTS, UNEVEN_BITS, 0);
    FloatVector s0 = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to0);
    FloatVector s1 = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to1);
    for (int b = 0; b < blocks; b++) {
      long o = b * 18L;
      long xo = x + (long) b * SIZE * Float.BYTES;
      s0 = levels(table, p0 + o + 2, xo).fma(scale(p0 + o), s0);
      s1 = levels(table, p1 + o + 2, xo).fma(scale(p1 + o), s1);
    }
    s0.intoArray(scratch.vectors, to0);
    s1.intoArray(scratch.vectors, to1);
  }

  /// MXFP4.
  static void floats(
      long weights0, long weights1, long input, int blocks, Scratch scratch, int to0, int to1) {
    long p0 = Memory.known(weights0);
    long p1 = Memory.known(weights1);
    long x = Memory.known(input);
    IntVector table = IntVector.fromArray(Lanes.INTS, DOUBLED_BITS, 0);
    FloatVector s0 = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to0);
    FloatVector s1 = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to1);
    for (int b = 0; b < blocks; b++) {
      long o = b * 17L;
      long xo = x + (long) b * SIZE * Float.BYTES;
      s0 = levels(table, p0 + o + 1, xo).fma(unit(p0 + o), s0);
      s1 = levels(table, p1 + o + 1, xo).fma(unit(p1 + o), s1);
    }
    s0.intoArray(scratch.vectors, to0);
    s1.intoArray(scratch.vectors, to1);
  }

  /// Decodes the eight scales of each block of a strip of IQ4_XS, 16 floats a block of which eight
  /// are used.
  static void scales(long weights, int blocks, Scratch scratch, int at) {
    for (int b = 0; b < blocks; b++) {
      long p = weights + b * 136L;
      for (int part = 0; part < 8; part++) {
        scratch.scales[at + b * 16 + part] = Memory.halfAt(p) * Levels.unevenScale(p, part);
      }
    }
  }

  /// IQ4_XS: one row.
  static void unevenParts(long weights, long input, int blocks, Scratch scratch, int at, int to) {
    float[] scales = scratch.scales;
    long p = Memory.known(weights);
    long x = Memory.known(input);
    IntVector table = IntVector.fromArray(Lanes.INTS, UNEVEN_BITS, 0);
    FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to);
    for (int g = 0; g < 8 * blocks; g++) {
      long o = p + (g >> 3) * 136L + 8 + (g & 7) * 16L;
      float scale = scales[at + (g >> 3) * 16 + (g & 7)];
      sum =
          levels(table, o, x + (long) g * SIZE * Float.BYTES)
              .fma(FloatVector.broadcast(Lanes.FLOATS, scale), sum);
    }
    sum.intoArray(scratch.vectors, to);
  }

  // Looking up takes a number modulo 16, so the lower halves need no mask.
  private static FloatVector levels(IntVector table, long p, long x) {
    IntVector pair = Lanes.unsigned(p);
    FloatVector lower = pair.selectFrom(table).reinterpretAsFloats();
    FloatVector upper =
        pair.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats();
    return upper.fma(Lanes.floats(x + HALF_BYTES), lower.mul(Lanes.floats(x)));
  }

  private static FloatVector scale(long block) {
    return FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(block));
  }

  private static FloatVector unit(long block) {
    return FloatVector.broadcast(Lanes.FLOATS, Levels.UNITS[Memory.unsignedAt(block)]);
  }
}
