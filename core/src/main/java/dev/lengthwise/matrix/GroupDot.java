package dev.lengthwise.matrix;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// The inner loops on [RowGroups]: products of 16 rows with one token.
///
/// Where vectors have fewer than 16 lanes a group takes several turns, of which all but the first
/// read it from the cache. Loops are written out and constants loaded from arrays, because the
/// compiler stops inlining in methods of this size ([BlockDot], [Nibbles]).
final class GroupDot {

  private static final int ROWS = GroupLayout.ROWS;
  private static final int VECTOR = GroupLayout.VECTOR;

  private static final int EVEN_BYTES = GroupLayout.Q4_0.bytes();
  private static final int EVEN_NUMBERS = GroupLayout.Q4_0.numbers();
  private static final int EVEN_PART = GroupLayout.Q4_0.partBytes();
  private static final int FOUR_BYTES = GroupLayout.Q4_K.bytes();
  private static final int FOUR_NUMBERS = GroupLayout.Q4_K.numbers();
  private static final int FOUR_PART = GroupLayout.Q4_K.partBytes();
  private static final int FIVE_BYTES = GroupLayout.Q5_K.bytes();
  private static final int FIVE_NUMBERS = GroupLayout.Q5_K.numbers();
  private static final int FIVE_PART = GroupLayout.Q5_K.partBytes();
  private static final int SIX_BYTES = GroupLayout.Q6_K.bytes();
  private static final int SIX_NUMBERS = GroupLayout.Q6_K.numbers();
  private static final int SIX_PART = GroupLayout.Q6_K.partBytes();

  private static final int[] FOUR = filled(0x0f);
  private static final int[] FIVE = filled(0x1f);
  private static final int[] ONE_FREE = filled(0x80008000);
  private static final int[] FOUR_FREE = filled(0xf000f000);

  // Sign, exponent and fraction of a half, moved to the places that they have in a float; the float
  // then is 2¹¹² too small. All halves are finite here.
  private static final int[] HALF = filled(0x8fffe000);

  private GroupDot() {}

  private static int[] filled(int value) {
    int[] values = new int[ROWS];
    Arrays.fill(values, value);
    return values;
  }

  /// Q4_0.
  ///
  /// @param group address of a group
  /// @param x activations
  /// @param sums 16 results
  static void even(long group, float[] x, int units, float[] sums) {
    IntVector half = IntVector.fromArray(Lanes.INTS, HALF, 0);
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int block = 0; block < 2 * units; block++) {
        long unit = Memory.known(group + (block >> 1) * (long) EVEN_BYTES);
        long p = unit + EVEN_NUMBERS + (block & 1) * (long) EVEN_PART + lane * 4L;
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int v = 0; v < 4; v++) {
          int at = block * 32 + v * 8;
          IntVector q =
              IntVector.fromMemorySegment(
                  Lanes.INTS, Memory.ALL, Memory.known(p + v * (long) VECTOR), Memory.ORDER);
          s0 =
              ((FloatVector)
                      q.lanewise(VectorOperators.LSHL, 28)
                          .lanewise(VectorOperators.ASHR, 28)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[at]), s0);
          s1 =
              ((FloatVector)
                      q.lanewise(VectorOperators.LSHL, 24)
                          .lanewise(VectorOperators.ASHR, 28)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 1]), s1);
          s2 =
              ((FloatVector)
                      q.lanewise(VectorOperators.LSHL, 20)
                          .lanewise(VectorOperators.ASHR, 28)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 2]), s2);
          s3 =
              ((FloatVector)
                      q.lanewise(VectorOperators.LSHL, 16)
                          .lanewise(VectorOperators.ASHR, 28)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 3]), s3);
          s0 =
              ((FloatVector)
                      q.lanewise(VectorOperators.LSHL, 12)
                          .lanewise(VectorOperators.ASHR, 28)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 4]), s0);
          s1 =
              ((FloatVector)
                      q.lanewise(VectorOperators.LSHL, 8)
                          .lanewise(VectorOperators.ASHR, 28)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 5]), s1);
          s2 =
              ((FloatVector)
                      q.lanewise(VectorOperators.LSHL, 4)
                          .lanewise(VectorOperators.ASHR, 28)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 6]), s2);
          s3 =
              ((FloatVector) q.lanewise(VectorOperators.ASHR, 28).convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 7]), s3);
        }
        FloatVector scale =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            Lanes.SHORTS,
                            Memory.ALL,
                            unit + (block & 1) * 32L + lane * 2L,
                            Memory.ORDER)
                        .convertShape(VectorOperators.S2I, Lanes.INTS, 0))
                .lanewise(VectorOperators.LSHL, 13)
                .and(half)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        total = s0.add(s1).add(s2.add(s3)).fma(scale, total);
      }
      total.intoArray(sums, lane);
    }
  }

  /// Q4_K.
  ///
  /// @param inputSums sums of 32 activations each
  static void fourBits(long group, float[] x, float[] inputSums, int units, float[] sums) {
    IntVector half = IntVector.fromArray(Lanes.INTS, HALF, 0);
    IntVector mask = IntVector.fromArray(Lanes.INTS, FOUR, 0);
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int n = 0; n < units; n++) {
        long unit = Memory.known(group + n * (long) FOUR_BYTES);
        FloatVector upper = FloatVector.zero(Lanes.FLOATS);
        FloatVector lower = FloatVector.zero(Lanes.FLOATS);
        for (int part = 0; part < 8; part++) {
          long p = unit + FOUR_NUMBERS + part * (long) FOUR_PART + lane * 4L;
          FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
          FloatVector s1 = s0;
          FloatVector s2 = s0;
          FloatVector s3 = s0;
          for (int v = 0; v < 4; v++) {
            int at = n * 256 + part * 32 + v * 8;
            IntVector q =
                IntVector.fromMemorySegment(
                    Lanes.INTS, Memory.ALL, Memory.known(p + v * (long) VECTOR), Memory.ORDER);
            s0 =
                ((FloatVector) q.and(mask).convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at]), s0);
            s1 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 4)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 1]), s1);
            s2 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 8)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 2]), s2);
            s3 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 12)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 3]), s3);
            s0 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 16)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 4]), s0);
            s1 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 20)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 5]), s1);
            s2 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 24)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 6]), s2);
            s3 =
                ((FloatVector) q.lanewise(VectorOperators.LSHR, 28).convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 7]), s3);
          }
          long scale = unit + part * (long) ROWS + lane;
          upper =
              s0.add(s1)
                  .add(s2.add(s3))
                  .fma(
                      ((FloatVector)
                          ((IntVector)
                                  ByteVector.fromMemorySegment(
                                          Lanes.BYTES,
                                          Memory.ALL,
                                          scale + GroupLayout.SCALES,
                                          Memory.ORDER)
                                      .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0))
                              .convert(VectorOperators.I2F, 0)),
                      upper);
          FloatVector sum = FloatVector.broadcast(Lanes.FLOATS, inputSums[n * 8 + part]);
          lower =
              ((FloatVector)
                      ((IntVector)
                              ByteVector.fromMemorySegment(
                                      Lanes.BYTES,
                                      Memory.ALL,
                                      scale + GroupLayout.MINIMA,
                                      Memory.ORDER)
                                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0))
                          .convert(VectorOperators.I2F, 0))
                  .fma(sum, lower);
        }
        total =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            Lanes.SHORTS, Memory.ALL, unit + lane * 2L, Memory.ORDER)
                        .convertShape(VectorOperators.S2I, Lanes.INTS, 0))
                .lanewise(VectorOperators.LSHL, 13)
                .and(half)
                .reinterpretAsFloats()
                .mul(0x1p112f)
                .fma(upper, total);
        total =
            total.sub(
                ((IntVector)
                        ShortVector.fromMemorySegment(
                                Lanes.SHORTS, Memory.ALL, unit + 32 + lane * 2L, Memory.ORDER)
                            .convertShape(VectorOperators.S2I, Lanes.INTS, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(half)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .mul(lower));
      }
      total.intoArray(sums, lane);
    }
  }

  /// Q5_K.
  ///
  /// @param inputSums sums of 32 activations each
  static void fiveBits(long group, float[] x, float[] inputSums, int units, float[] sums) {
    IntVector half = IntVector.fromArray(Lanes.INTS, HALF, 0);
    IntVector mask = IntVector.fromArray(Lanes.INTS, FIVE, 0);
    IntVector free = IntVector.fromArray(Lanes.INTS, ONE_FREE, 0);
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int n = 0; n < units; n++) {
        long unit = Memory.known(group + n * (long) FIVE_BYTES);
        FloatVector upper = FloatVector.zero(Lanes.FLOATS);
        FloatVector lower = FloatVector.zero(Lanes.FLOATS);
        for (int part = 0; part < 8; part++) {
          long p = unit + FIVE_NUMBERS + part * (long) FIVE_PART + lane * 4L;
          int first = n * 256 + part * 32;
          IntVector rest = IntVector.zero(Lanes.INTS);
          FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
          FloatVector s1 = s0;
          FloatVector s2 = s0;
          FloatVector s3 = s0;
          for (int v = 0; v < 5; v++) {
            int at = first + v * 6;
            IntVector q =
                IntVector.fromMemorySegment(
                    Lanes.INTS, Memory.ALL, Memory.known(p + v * (long) VECTOR), Memory.ORDER);
            rest = rest.lanewise(VectorOperators.LSHR, 1).or(q.and(free));
            s0 =
                ((FloatVector) q.and(mask).convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at]), s0);
            s1 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 5)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 1]), s1);
            s2 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 10)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 2]), s2);
            s3 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 16)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 3]), s3);
            s0 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 21)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 4]), s0);
            s1 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHR, 26)
                            .and(mask)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 5]), s1);
          }
          s2 =
              ((FloatVector)
                      rest.lanewise(VectorOperators.LSHR, 11)
                          .and(mask)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[first + 30]), s2);
          s3 =
              ((FloatVector)
                      rest.lanewise(VectorOperators.LSHR, 27).convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[first + 31]), s3);
          long scale = unit + part * (long) ROWS + lane;
          upper =
              s0.add(s1)
                  .add(s2.add(s3))
                  .fma(
                      ((FloatVector)
                          ((IntVector)
                                  ByteVector.fromMemorySegment(
                                          Lanes.BYTES,
                                          Memory.ALL,
                                          scale + GroupLayout.SCALES,
                                          Memory.ORDER)
                                      .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0))
                              .convert(VectorOperators.I2F, 0)),
                      upper);
          FloatVector sum = FloatVector.broadcast(Lanes.FLOATS, inputSums[n * 8 + part]);
          lower =
              ((FloatVector)
                      ((IntVector)
                              ByteVector.fromMemorySegment(
                                      Lanes.BYTES,
                                      Memory.ALL,
                                      scale + GroupLayout.MINIMA,
                                      Memory.ORDER)
                                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0))
                          .convert(VectorOperators.I2F, 0))
                  .fma(sum, lower);
        }
        total =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            Lanes.SHORTS, Memory.ALL, unit + lane * 2L, Memory.ORDER)
                        .convertShape(VectorOperators.S2I, Lanes.INTS, 0))
                .lanewise(VectorOperators.LSHL, 13)
                .and(half)
                .reinterpretAsFloats()
                .mul(0x1p112f)
                .fma(upper, total);
        total =
            total.sub(
                ((IntVector)
                        ShortVector.fromMemorySegment(
                                Lanes.SHORTS, Memory.ALL, unit + 32 + lane * 2L, Memory.ORDER)
                            .convertShape(VectorOperators.S2I, Lanes.INTS, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(half)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .mul(lower));
      }
      total.intoArray(sums, lane);
    }
  }

  /// Q6_K.
  ///
  /// @param x activations; those of each part in the order of its places ([GroupLayout#column])
  static void sixBits(long group, float[] x, int units, float[] sums) {
    IntVector half = IntVector.fromArray(Lanes.INTS, HALF, 0);
    IntVector free = IntVector.fromArray(Lanes.INTS, FOUR_FREE, 0);
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int n = 0; n < units; n++) {
        long unit = Memory.known(group + n * (long) SIX_BYTES);
        FloatVector all = FloatVector.zero(Lanes.FLOATS);
        for (int part = 0; part < 16; part++) {
          long p = unit + SIX_NUMBERS + part * (long) SIX_PART + lane * 4L;
          int first = n * 256 + part * 16;
          IntVector rest = IntVector.zero(Lanes.INTS);
          FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
          FloatVector s1 = s0;
          FloatVector s2 = s0;
          FloatVector s3 = s0;
          for (int v = 0; v < 3; v++) {
            int at = first + v * 4;
            IntVector q =
                IntVector.fromMemorySegment(
                    Lanes.INTS, Memory.ALL, Memory.known(p + v * (long) VECTOR), Memory.ORDER);
            rest = rest.lanewise(VectorOperators.LSHR, 4).or(q.and(free));
            s0 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHL, 26)
                            .lanewise(VectorOperators.ASHR, 26)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at]), s0);
            s1 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHL, 20)
                            .lanewise(VectorOperators.ASHR, 26)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 1]), s1);
            s2 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHL, 10)
                            .lanewise(VectorOperators.ASHR, 26)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 2]), s2);
            s3 =
                ((FloatVector)
                        q.lanewise(VectorOperators.LSHL, 4)
                            .lanewise(VectorOperators.ASHR, 26)
                            .convert(VectorOperators.I2F, 0))
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[at + 3]), s3);
          }
          s0 =
              ((FloatVector)
                      rest.lanewise(VectorOperators.LSHL, 22)
                          .lanewise(VectorOperators.ASHR, 26)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[first + 12]), s0);
          s0 =
              ((FloatVector)
                      rest.lanewise(VectorOperators.LSHL, 16)
                          .lanewise(VectorOperators.ASHR, 26)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[first + 13]), s0);
          s0 =
              ((FloatVector)
                      rest.lanewise(VectorOperators.LSHL, 6)
                          .lanewise(VectorOperators.ASHR, 26)
                          .convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[first + 14]), s0);
          s1 =
              ((FloatVector)
                      rest.lanewise(VectorOperators.ASHR, 26).convert(VectorOperators.I2F, 0))
                  .fma(FloatVector.broadcast(Lanes.FLOATS, x[first + 15]), s1);
          FloatVector scale =
              ((FloatVector)
                  ByteVector.fromMemorySegment(
                          Lanes.BYTES,
                          Memory.ALL,
                          unit + GroupLayout.SCALES + part * (long) ROWS + lane,
                          Memory.ORDER)
                      .convertShape(VectorOperators.B2F, Lanes.FLOATS, 0));
          all = s0.add(s1).add(s2.add(s3)).fma(scale, all);
        }
        total =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            Lanes.SHORTS, Memory.ALL, unit + lane * 2L, Memory.ORDER)
                        .convertShape(VectorOperators.S2I, Lanes.INTS, 0))
                .lanewise(VectorOperators.LSHL, 13)
                .and(half)
                .reinterpretAsFloats()
                .mul(0x1p112f)
                .fma(all, total);
      }
      total.intoArray(sums, lane);
    }
  }
}
