package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// The inner loops of the types with blocks of 32 numbers of four or five bits: products of a strip
/// of two rows with one token. [QuantisedDot] calls them.
///
/// Two rows share the loads of the token. A block is two or more vectors of numbers times those of
/// the token, and one FMA with its scale. Loops are not unrolled by hand: where there is no check
/// of bounds left ([Memory#known]) the compiler does so when it gains from it. Numbers of four bits
/// become floats as [Nibbles] says.
///
/// What the compiler inlines into one method is limited; a call beyond the limit makes an object of
/// every vector, several times slower (seen in the disassembly). So the last steps of these loops
/// are written out.
final class BlockDot {

  private static final int SIZE = 32;

  // Turns that move the fifth bit of number j to bit 4, and that of number 16 + j to bit 8.
  private static final int[] TURN_LOWER = new int[16];
  private static final int[] TURN_UPPER = new int[16];

  static {
    for (int j = 0; j < 16; j++) {
      TURN_LOWER[j] = (4 - j) & 31;
      TURN_UPPER[j] = (8 - 16 - j) & 31;
    }
  }

  private BlockDot() {}

  /// Adds the products of the minima of a strip with the sums of the activations of their blocks.
  static void minima(
      long p, int stride, int blocks, float[] inputSums, int from, Scratch scratch, int to) {
    gather(p, stride, blocks, scratch.halves);
    FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to);
    for (int b = 0; b < blocks; b += Lanes.COUNT) {
      sum =
          Lanes.halves(scratch.halves, b)
              .fma(FloatVector.fromArray(Lanes.FLOATS, inputSums, from + b), sum);
    }
    sum.intoArray(scratch.vectors, to);
  }

  // Fills up the last vector with zeros.
  private static void gather(long weights, int blockBytes, int blocks, short[] halves) {
    long p = Memory.known(weights);
    int stride = blockBytes & 63;
    for (int b = 0; b < blocks; b++) {
      halves[b] = Memory.ALL.get(Memory.SHORT, p + (long) b * stride);
    }
    for (int b = blocks; b % Lanes.COUNT != 0; b++) {
      halves[b] = 0;
    }
  }

  /// Q4_0, with `zero` 8 and `head` 2, and Q4_1, with 0 and 4: without their minima.
  static void fourBits(
      int zero,
      int head,
      long weights0,
      long weights1,
      long input,
      int blocks,
      Scratch scratch,
      int to0,
      int to1) {
    long p0 = Memory.known(weights0);
    long p1 = Memory.known(weights1);
    long x = Memory.known(input);
    int skip = head & 7; // the compiler must see that it is not negative
    int stride = skip + 16;
    IntVector lower = Nibbles.lower();
    IntVector upper = Nibbles.upper();
    IntVector lowerBase = Nibbles.lowerBase();
    IntVector upperBase = Nibbles.upperBase();
    FloatVector lowerZero = Nibbles.lowerZero(zero);
    FloatVector upperZero = Nibbles.upperZero(zero);
    FloatVector s0 = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to0);
    FloatVector s1 = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to1);
    for (int b = 0; b < blocks; b++) {
      long o = b * (long) stride;
      long xo = x + (long) b * SIZE * Float.BYTES;
      FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector sum1 = sum0;
      for (int i = 0; i < SIZE / 2; i += Lanes.COUNT) {
        IntVector pair0 = Lanes.unsigned(p0 + o + skip + i);
        IntVector pair1 = Lanes.unsigned(p1 + o + skip + i);
        FloatVector token = Lanes.floats(xo + (long) i * Float.BYTES);
        sum0 = pair0.and(lower).or(lowerBase).reinterpretAsFloats().sub(lowerZero).fma(token, sum0);
        sum1 = pair1.and(lower).or(lowerBase).reinterpretAsFloats().sub(lowerZero).fma(token, sum1);
        token = Lanes.floats(xo + (long) (i + SIZE / 2) * Float.BYTES);
        sum0 = pair0.and(upper).or(upperBase).reinterpretAsFloats().sub(upperZero).fma(token, sum0);
        sum1 = pair1.and(upper).or(upperBase).reinterpretAsFloats().sub(upperZero).fma(token, sum1);
      }
      float scale0 = Float.float16ToFloat(Memory.ALL.get(Memory.SHORT, p0 + o));
      float scale1 = Float.float16ToFloat(Memory.ALL.get(Memory.SHORT, p1 + o));
      s0 = sum0.fma(FloatVector.broadcast(Lanes.FLOATS, scale0), s0);
      s1 = sum1.fma(FloatVector.broadcast(Lanes.FLOATS, scale1), s1);
    }
    s0.intoArray(scratch.vectors, to0);
    s1.intoArray(scratch.vectors, to1);
  }

  /// Q5_0, with `zero` 16 and `head` 2, and Q5_1, with 0 and 4: without their minima.
  static void fiveBits(
      int zero,
      int head,
      long weights0,
      long weights1,
      long input,
      int blocks,
      Scratch scratch,
      int to0,
      int to1) {
    long p0 = Memory.known(weights0);
    long p1 = Memory.known(weights1);
    long x = Memory.known(input);
    int skip = head & 7; // the compiler must see that it is not negative
    int stride = skip + 20;
    IntVector lower = Nibbles.lower();
    IntVector upper = Nibbles.upper();
    IntVector lowerBase = Nibbles.lowerBase();
    IntVector upperBase = Nibbles.upperBase();
    FloatVector lowerZero = Nibbles.lowerZero(zero);
    FloatVector upperZero = Nibbles.upperZero(zero);
    FloatVector s0 = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to0);
    FloatVector s1 = FloatVector.fromArray(Lanes.FLOATS, scratch.vectors, to1);
    for (int b = 0; b < blocks; b++) {
      long o = b * (long) stride;
      long xo = x + (long) b * SIZE * Float.BYTES;
      IntVector fifth0 = IntVector.broadcast(Lanes.INTS, Memory.intAt(p0 + o + skip));
      IntVector fifth1 = IntVector.broadcast(Lanes.INTS, Memory.intAt(p1 + o + skip));
      FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector sum1 = sum0;
      for (int i = 0; i < SIZE / 2; i += Lanes.COUNT) {
        IntVector turn = IntVector.fromArray(Lanes.INTS, TURN_LOWER, i);
        FloatVector token = Lanes.floats(xo + (long) i * Float.BYTES);
        IntVector pair0 = Lanes.unsigned(p0 + o + skip + 4 + i);
        IntVector pair1 = Lanes.unsigned(p1 + o + skip + 4 + i);
        IntVector more = fifth0.lanewise(VectorOperators.ROL, turn).and(1 << 4);
        sum0 =
            pair0
                .and(lower)
                .or(lowerBase)
                .or(more)
                .reinterpretAsFloats()
                .sub(lowerZero)
                .fma(token, sum0);
        more = fifth1.lanewise(VectorOperators.ROL, turn).and(1 << 4);
        sum1 =
            pair1
                .and(lower)
                .or(lowerBase)
                .or(more)
                .reinterpretAsFloats()
                .sub(lowerZero)
                .fma(token, sum1);
        turn = IntVector.fromArray(Lanes.INTS, TURN_UPPER, i);
        token = Lanes.floats(xo + (long) (i + SIZE / 2) * Float.BYTES);
        more = fifth0.lanewise(VectorOperators.ROL, turn).and(1 << 8);
        sum0 =
            pair0
                .and(upper)
                .or(upperBase)
                .or(more)
                .reinterpretAsFloats()
                .sub(upperZero)
                .fma(token, sum0);
        more = fifth1.lanewise(VectorOperators.ROL, turn).and(1 << 8);
        sum1 =
            pair1
                .and(upper)
                .or(upperBase)
                .or(more)
                .reinterpretAsFloats()
                .sub(upperZero)
                .fma(token, sum1);
      }
      s0 = sum0.fma(FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(p0 + o)), s0);
      s1 = sum1.fma(FloatVector.broadcast(Lanes.FLOATS, Memory.halfAt(p1 + o)), s1);
    }
    s0.intoArray(scratch.vectors, to0);
    s1.intoArray(scratch.vectors, to1);
  }
}
