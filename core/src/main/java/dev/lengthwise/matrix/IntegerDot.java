package dev.lengthwise.matrix;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Products of [RowGroups] with activations of 8 bits ([IntegerInput]).
///
/// One loop multiplies the numbers of every type, in lanes of 16 bits, and leaves a whole number
/// for each row and part, the same at every width of vectors; a second adds these, times their
/// scales. Two vectors are multiplied with the same factors: two halves of the rows, or with 16
/// lanes two groups. Without that the loading of factors was a third of the time.
///
/// A call takes [#COLUMNS] of the columns, so that the sums between the two loops are few. Those of
/// a whole row leave the nearest cache while weights run through it, and writing them again costs a
/// quarter of the rate at which weights come from memory (13 in place of 18 GB/s a thread).
///
/// The inner loop stays a loop: written out, the compiler loads all factors before the first
/// product and has too few registers. Each address is made known by itself, because the check of
/// bounds of an address that a loop moves becomes a loop of its own. Halves of lanes are added in
/// place: a method of ours for it stayed a call in two of five processes, where each vector became
/// an object (110 in place of 200 tokens/s).
final class IntegerDot {

  private static final VectorSpecies<Short> HALVES = Lanes.INTS.withLanes(short.class);
  private static final int ROWS = GroupLayout.ROWS;

  private static final int COLUMNS = 256;

  /// Groups that are multiplied at once.
  static final int GROUPS = Lanes.COUNT == ROWS ? 2 : 1;

  private IntegerDot() {}

  /// Whole numbers that [#products] needs room for.
  static int room(GroupLayout layout) {
    return GROUPS * COLUMNS / layout.partColumns() * ROWS;
  }

  /// Products of [#GROUPS] groups with a token.
  ///
  /// @param group address of the first group
  /// @param apart bytes from there to the next, or 0 where there is none
  /// @param units of a group
  /// @param dots room of [#room]
  /// @param results 16 of each group
  static void products(
      GroupLayout layout,
      long group,
      long apart,
      int units,
      IntegerInput input,
      int[] dots,
      float[] results) {
    Arrays.fill(results, 0, GROUPS * ROWS, 0);
    int step = COLUMNS / layout.columns();
    for (int first = 0; first < units; first += step) {
      int count = Math.min(step, units - first);
      sums(layout, group, apart, first, count, input, dots);
      for (int n = 0; n < GROUPS; n++) {
        int from = n * count * layout.parts() * ROWS;
        add(layout, group + n * apart, first, count, input, dots, from, results, n * ROWS);
      }
    }
  }

  // The sums of whole numbers of some units of each group, `[group, part, row]`.
  private static void sums(
      GroupLayout layout,
      long group,
      long apart,
      int firstUnit,
      int units,
      IntegerInput input,
      int[] dots) {
    int[] factors = input.factors();
    int[] starts = input.starts();
    int[] ends = input.ends();
    int[] flips = layout.flips();
    int first = layout.bits();
    int second = 2 * first;
    int third = layout.lastShift();
    int parts = layout.parts();
    int vectors = layout.vectors();
    long unitBytes = layout.bytes();
    long partBytes = layout.partBytes();
    long next = GROUPS == 2 ? apart : Lanes.COUNT * 4L;
    int nextDots = GROUPS == 2 ? units * parts * ROWS : Lanes.COUNT;
    for (int lane = 0; lane < ROWS; lane += 2 * Lanes.COUNT) {
      int to = lane;
      for (int n = firstUnit; n < firstUnit + units; n++) {
        long numbers = group + n * unitBytes + layout.numbers() + lane * 4L;
        for (int part = n * parts; part < (n + 1) * parts; part++) {
          long p = numbers + (part - n * parts) * partBytes;
          ShortVector a = IntVector.broadcast(Lanes.INTS, starts[part]).reinterpretAsShorts();
          ShortVector b = a;
          int at = part * vectors * IntegerInput.FACTORS;
          for (int v = 0; v < vectors; v++) {
            long from = p + v * (long) GroupLayout.VECTOR;
            ShortVector x = IntVector.broadcast(Lanes.INTS, flips[v]).reinterpretAsShorts();
            ShortVector q =
                ShortVector.fromMemorySegment(HALVES, Memory.ALL, Memory.known(from), Memory.ORDER)
                    .lanewise(VectorOperators.XOR, x);
            ShortVector r =
                ShortVector.fromMemorySegment(
                        HALVES, Memory.ALL, Memory.known(from + next), Memory.ORDER)
                    .lanewise(VectorOperators.XOR, x);
            x = IntVector.broadcast(Lanes.INTS, factors[at + v * 4]).reinterpretAsShorts();
            a = a.add(q.mul(x));
            b = b.add(r.mul(x));
            x = IntVector.broadcast(Lanes.INTS, factors[at + v * 4 + 1]).reinterpretAsShorts();
            a = a.add(q.lanewise(VectorOperators.LSHR, first).mul(x));
            b = b.add(r.lanewise(VectorOperators.LSHR, first).mul(x));
            x = IntVector.broadcast(Lanes.INTS, factors[at + v * 4 + 2]).reinterpretAsShorts();
            a = a.add(q.lanewise(VectorOperators.LSHR, second).mul(x));
            b = b.add(r.lanewise(VectorOperators.LSHR, second).mul(x));
            x = IntVector.broadcast(Lanes.INTS, factors[at + v * 4 + 3]).reinterpretAsShorts();
            a = a.add(q.lanewise(VectorOperators.LSHR, third).mul(x));
            b = b.add(r.lanewise(VectorOperators.LSHR, third).mul(x));
          }
          // The sum of the two halves of each lane.
          IntVector lanes = a.reinterpretAsInts();
          lanes
              .lanewise(VectorOperators.LSHL, Short.SIZE)
              .lanewise(VectorOperators.ASHR, Short.SIZE)
              .add(lanes.lanewise(VectorOperators.ASHR, Short.SIZE))
              .add(ends[part])
              .intoArray(dots, to);
          lanes = b.reinterpretAsInts();
          lanes
              .lanewise(VectorOperators.LSHL, Short.SIZE)
              .lanewise(VectorOperators.ASHR, Short.SIZE)
              .add(lanes.lanewise(VectorOperators.ASHR, Short.SIZE))
              .add(ends[part])
              .intoArray(dots, to + nextDots);
          to += ROWS;
        }
      }
    }
  }

  // Adds the sums of some units of a group, times scales, to the products of its rows.
  private static void add(
      GroupLayout layout,
      long group,
      int firstUnit,
      int units,
      IntegerInput input,
      int[] dots,
      int from,
      float[] results,
      int at) {
    long unit = group + firstUnit * (long) layout.bytes();
    int block = firstUnit * layout.columns() / IntegerInput.BLOCK;
    switch (layout) {
      case Q4_0 -> even(unit, units, input.scales(), block, dots, from, results, at);
      case Q4_K, Q5_K -> affine(layout.bytes(), unit, units, input, block, dots, from, results, at);
      case Q6_K -> six(unit, units, input.scales(), block, dots, from, results, at);
      case IQ4_NL, IQ4_XS, MXFP4, Q8_0 ->
          throw new IllegalArgumentException(layout + " does not fit 16 bits");
    }
  }

  private static void even(
      long group,
      int units,
      float[] scales,
      int firstBlock,
      int[] dots,
      int from,
      float[] results,
      int at) {
    int bytes = GroupLayout.Q4_0.bytes();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.fromArray(Lanes.FLOATS, results, at + lane);
      for (int block = 0; block < 2 * units; block++) {
        long unit = group + (block >> 1) * (long) bytes;
        FloatVector scale = GroupScales.halves(unit + (block & 1) * 32L + lane * 2L);
        total = dot(dots, from + block * ROWS + lane, scales[firstBlock + block]).fma(scale, total);
      }
      total.intoArray(results, at + lane);
    }
  }

  private static void affine(
      int bytes,
      long group,
      int units,
      IntegerInput input,
      int firstBlock,
      int[] dots,
      int from,
      float[] results,
      int at) {
    float[] scales = input.scales();
    float[] sums = input.sums();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.fromArray(Lanes.FLOATS, results, at + lane);
      for (int n = 0; n < units; n++) {
        long unit = group + n * (long) bytes;
        FloatVector upper = FloatVector.zero(Lanes.FLOATS);
        FloatVector lower = FloatVector.zero(Lanes.FLOATS);
        for (int part = 0; part < 8; part++) {
          int block = firstBlock + n * 8 + part;
          long scale = unit + part * (long) ROWS + lane;
          FloatVector dot = dot(dots, from + (n * 8 + part) * ROWS + lane, scales[block]);
          upper = dot.fma(GroupScales.unsigned(scale + GroupLayout.SCALES), upper);
          FloatVector sum = FloatVector.broadcast(Lanes.FLOATS, sums[block]);
          lower = GroupScales.unsigned(scale + GroupLayout.MINIMA).fma(sum, lower);
        }
        total = GroupScales.halves(unit + lane * 2L).fma(upper, total);
        total = total.sub(GroupScales.halves(unit + 32 + lane * 2L).mul(lower));
      }
      total.intoArray(results, at + lane);
    }
  }

  private static void six(
      long group,
      int units,
      float[] scales,
      int firstBlock,
      int[] dots,
      int from,
      float[] results,
      int at) {
    int bytes = GroupLayout.Q6_K.bytes();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.fromArray(Lanes.FLOATS, results, at + lane);
      for (int n = 0; n < units; n++) {
        long unit = group + n * (long) bytes;
        FloatVector all = FloatVector.zero(Lanes.FLOATS);
        for (int part = 0; part < 16; part++) {
          int number = n * 16 + part;
          float scale = scales[firstBlock + (number >> 1)];
          FloatVector dot = dot(dots, from + number * ROWS + lane, scale);
          all =
              dot.fma(
                  GroupScales.signed(unit + GroupLayout.SCALES + part * (long) ROWS + lane), all);
        }
        total = GroupScales.halves(unit + lane * 2L).fma(all, total);
      }
      total.intoArray(results, at + lane);
    }
  }

  private static FloatVector dot(int[] dots, int at, float scale) {
    return ((FloatVector) IntVector.fromArray(Lanes.INTS, dots, at).convert(VectorOperators.I2F, 0))
        .mul(FloatVector.broadcast(Lanes.FLOATS, scale));
  }
}
