package dev.lengthwise.matrix;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Products of [RowGroups] whose numbers choose from a table of 16 levels, with one token: IQ4_NL,
/// IQ4_XS and MXFP4.
///
/// One loop sums the levels of every type, a second multiplies the sums of parts with their scales.
/// The inner loop stays a loop: written out it is near the size at which the compiler stops
/// inlining, and half of all processes then ran at a sixth of the speed.
/// With 16 lanes the table is one vector of floats. With fewer it is a vector of bytes, where one
/// look-up finds the levels of four numbers of each lane: two vectors of floats, chosen between by
/// the number, are four times as slow with 8 lanes.
final class LevelGroupDot {

  private static final int ROWS = GroupLayout.ROWS;
  private static final int VECTORS = 4;
  private static final int PART = VECTORS * GroupLayout.VECTOR;

  private LevelGroupDot() {}

  /// Products of a group.
  ///
  /// @param x activations
  /// @param sums room for `[part, row]`
  /// @param results 16 of them
  static void products(
      GroupLayout layout, long group, float[] x, int units, float[] sums, float[] results) {
    if (Lanes.COUNT == ROWS) {
      sumsOfSixteen(layout, group, x, units, sums);
    } else {
      sums(layout, group, x, units, sums);
    }
    switch (layout) {
      case IQ4_NL, MXFP4 -> blocks(layout, group, units, sums, results);
      case IQ4_XS -> unevenParts(group, units, sums, results);
      case Q4_0, Q4_K, Q5_K, Q6_K, Q8_0 ->
          throw new IllegalArgumentException(layout + " has no levels");
    }
  }

  private static void sums(GroupLayout layout, long group, float[] x, int units, float[] sums) {
    ByteVector table = LevelDot.bytes(layout);
    IntVector lower = LevelDot.lower();
    int parts = layout.parts();
    long unitBytes = layout.bytes();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      for (int n = 0; n < units; n++) {
        long numbers = group + n * unitBytes + layout.numbers() + lane * 4L;
        for (int part = n * parts; part < (n + 1) * parts; part++) {
          long p = numbers + (part - n * parts) * (long) PART;
          FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
          FloatVector s1 = s0;
          FloatVector s2 = s0;
          FloatVector s3 = s0;
          for (int v = 0; v < VECTORS; v++) {
            int at = part * 32 + v * 8;
            IntVector q = load(p + v * (long) GroupLayout.VECTOR);
            IntVector even = LevelDot.levels(q, lower, table);
            IntVector odd = LevelDot.levels(q.lanewise(VectorOperators.LSHR, 4), lower, table);
            for (int i = 0; i < 2; i++) {
              int left = 24 - 16 * i;
              int next = at + 4 * i;
              s0 = level(even, left).fma(FloatVector.broadcast(Lanes.FLOATS, x[next]), s0);
              s1 = level(odd, left).fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 1]), s1);
              s2 = level(even, left - 8).fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 2]), s2);
              s3 = level(odd, left - 8).fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 3]), s3);
            }
          }
          s0.add(s1).add(s2.add(s3)).intoArray(sums, part * ROWS + lane);
        }
      }
    }
  }

  private static void sumsOfSixteen(
      GroupLayout layout, long group, float[] x, int units, float[] sums) {
    IntVector table = LevelDot.floats(layout);
    int parts = layout.parts();
    long unitBytes = layout.bytes();
    for (int n = 0; n < units; n++) {
      long numbers = group + n * unitBytes + layout.numbers();
      for (int part = n * parts; part < (n + 1) * parts; part++) {
        long p = numbers + (part - n * parts) * (long) PART;
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int v = 0; v < VECTORS; v++) {
          int at = part * 32 + v * 8;
          IntVector q = load(p + v * (long) GroupLayout.VECTOR);
          for (int i = 0; i < 2; i++) {
            int right = 16 * i;
            int next = at + 4 * i;
            s0 = chosen(q, right, table).fma(FloatVector.broadcast(Lanes.FLOATS, x[next]), s0);
            s1 =
                chosen(q, right + 4, table)
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 1]), s1);
            s2 =
                chosen(q, right + 8, table)
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 2]), s2);
            s3 =
                chosen(q, right + 12, table)
                    .fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 3]), s3);
          }
        }
        s0.add(s1).add(s2.add(s3)).intoArray(sums, part * ROWS);
      }
    }
  }

  private static IntVector load(long address) {
    return IntVector.fromMemorySegment(Lanes.INTS, Memory.ALL, Memory.known(address), Memory.ORDER);
  }

  // One byte of each lane, with its sign.
  private static FloatVector level(IntVector levels, int left) {
    return (FloatVector)
        levels
            .lanewise(VectorOperators.LSHL, left)
            .lanewise(VectorOperators.ASHR, 24)
            .convert(VectorOperators.I2F, 0);
  }

  // Looking up takes a number modulo 16, so it needs no mask.
  private static FloatVector chosen(IntVector q, int right, IntVector table) {
    return q.lanewise(VectorOperators.LSHR, right).selectFrom(table).reinterpretAsFloats();
  }

  private static void blocks(
      GroupLayout layout, long group, int units, float[] sums, float[] results) {
    boolean powers = layout == GroupLayout.MXFP4;
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int block = 0; block < 2 * units; block++) {
        long unit = group + (block >> 1) * (long) layout.bytes();
        long scales = (block & 1) * (long) ROWS + lane;
        FloatVector scale =
            powers ? GroupScales.powers(unit + scales) : GroupScales.halves(unit + 2 * scales);
        total = FloatVector.fromArray(Lanes.FLOATS, sums, block * ROWS + lane).fma(scale, total);
      }
      total.intoArray(results, lane);
    }
  }

  private static void unevenParts(long group, int units, float[] sums, float[] results) {
    int bytes = GroupLayout.IQ4_XS.bytes();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int n = 0; n < units; n++) {
        long unit = group + n * (long) bytes;
        FloatVector all = FloatVector.zero(Lanes.FLOATS);
        for (int part = 0; part < 8; part++) {
          long scales = unit + GroupLayout.SCALES + part * (long) ROWS;
          all =
              FloatVector.fromArray(Lanes.FLOATS, sums, (n * 8 + part) * ROWS + lane)
                  .fma(GroupScales.signed(scales + lane), all);
        }
        total = GroupScales.halves(unit + lane * 2L).fma(all, total);
      }
      total.intoArray(results, lane);
    }
  }
}
