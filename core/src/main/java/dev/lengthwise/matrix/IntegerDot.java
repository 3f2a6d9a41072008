package dev.lengthwise.matrix;

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
/// The inner loop stays a loop: written out, the compiler loads all factors before the first
/// product and has too few registers. Each address is made known by itself, because the check of
/// bounds of an address that a loop moves becomes a loop of its own.
final class IntegerDot {

  private static final VectorSpecies<Short> HALVES = Lanes.INTS.withLanes(short.class);
  private static final int ROWS = GroupLayout.ROWS;

  /// Groups that are multiplied at once.
  static final int GROUPS = Lanes.COUNT == ROWS ? 2 : 1;

  private IntegerDot() {}

  /// The sums of whole numbers of [#GROUPS] groups.
  ///
  /// @param group address of the first group
  /// @param apart bytes from there to the next, or 0 where there is none
  /// @param dots `[group, part, row]`
  static void sums(
      GroupLayout layout, long group, long apart, int units, IntegerInput input, int[] dots) {
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
      for (int n = 0; n < units; n++) {
        long numbers = group + n * unitBytes + layout.numbers() + lane * 4L;
        for (int part = n * parts; part < (n + 1) * parts; part++) {
          long p = numbers + (part - n * parts) * partBytes;
          ShortVector a = IntVector.broadcast(Lanes.INTS, starts[part]).reinterpretAsShorts();
          ShortVector b = a;
          int at = part * vectors * IntegerInput.FACTORS;
          for (int v = 0; v < vectors; v++) {
            long from = p + v * (long) GroupLayout.VECTOR;
            ShortVector x = IntVector.broadcast(Lanes.INTS, flips[v]).reinterpretAsShorts();
            ShortVector q = load(from).lanewise(VectorOperators.XOR, x);
            ShortVector r = load(from + next).lanewise(VectorOperators.XOR, x);
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
          both(a).add(ends[part]).intoArray(dots, part * ROWS + lane);
          both(b).add(ends[part]).intoArray(dots, part * ROWS + lane + nextDots);
        }
      }
    }
  }

  private static ShortVector load(long address) {
    return ShortVector.fromMemorySegment(HALVES, Memory.ALL, Memory.known(address), Memory.ORDER);
  }

  // The sum of the two halves of each lane.
  private static IntVector both(ShortVector halves) {
    IntVector lanes = halves.reinterpretAsInts();
    return lanes
        .lanewise(VectorOperators.LSHL, Short.SIZE)
        .lanewise(VectorOperators.ASHR, Short.SIZE)
        .add(lanes.lanewise(VectorOperators.ASHR, Short.SIZE));
  }

  /// Products of a group: its sums of whole numbers times scales.
  ///
  /// @param dots sums from index `from` on, `[part, row]`
  /// @param results 16 of them
  static void scaled(
      GroupLayout layout,
      long group,
      int units,
      IntegerInput input,
      int[] dots,
      int from,
      float[] results) {
    switch (layout) {
      case Q4_0 -> even(group, units, input, dots, from, results);
      case Q4_K, Q5_K -> affine(layout.bytes(), group, units, input, dots, from, results);
      case Q6_K -> six(group, units, input, dots, from, results);
      case IQ4_NL, IQ4_XS, MXFP4 -> throw new IllegalArgumentException(layout + " has levels");
    }
  }

  private static void even(
      long group, int units, IntegerInput input, int[] dots, int from, float[] results) {
    int bytes = GroupLayout.Q4_0.bytes();
    float[] scales = input.scales();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int block = 0; block < 2 * units; block++) {
        long unit = group + (block >> 1) * (long) bytes;
        FloatVector scale = GroupScales.halves(unit + (block & 1) * 32L + lane * 2L);
        total = dot(dots, from + block * ROWS + lane, scales[block]).fma(scale, total);
      }
      total.intoArray(results, lane);
    }
  }

  private static void affine(
      int bytes, long group, int units, IntegerInput input, int[] dots, int from, float[] results) {
    float[] scales = input.scales();
    float[] sums = input.sums();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int n = 0; n < units; n++) {
        long unit = group + n * (long) bytes;
        FloatVector upper = FloatVector.zero(Lanes.FLOATS);
        FloatVector lower = FloatVector.zero(Lanes.FLOATS);
        for (int part = 0; part < 8; part++) {
          int block = n * 8 + part;
          long scale = unit + part * (long) ROWS + lane;
          FloatVector dot = dot(dots, from + block * ROWS + lane, scales[block]);
          upper = dot.fma(GroupScales.unsigned(scale + GroupLayout.SCALES), upper);
          FloatVector sum = FloatVector.broadcast(Lanes.FLOATS, sums[block]);
          lower = GroupScales.unsigned(scale + GroupLayout.MINIMA).fma(sum, lower);
        }
        total = GroupScales.halves(unit + lane * 2L).fma(upper, total);
        total = total.sub(GroupScales.halves(unit + 32 + lane * 2L).mul(lower));
      }
      total.intoArray(results, lane);
    }
  }

  private static void six(
      long group, int units, IntegerInput input, int[] dots, int from, float[] results) {
    int bytes = GroupLayout.Q6_K.bytes();
    float[] scales = input.scales();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.FLOATS);
      for (int n = 0; n < units; n++) {
        long unit = group + n * (long) bytes;
        FloatVector all = FloatVector.zero(Lanes.FLOATS);
        for (int part = 0; part < 16; part++) {
          int at = n * 16 + part;
          FloatVector dot = dot(dots, from + at * ROWS + lane, scales[at >> 1]);
          all =
              dot.fma(
                  GroupScales.signed(unit + GroupLayout.SCALES + part * (long) ROWS + lane), all);
        }
        total = GroupScales.halves(unit + lane * 2L).fma(all, total);
      }
      total.intoArray(results, lane);
    }
  }

  private static FloatVector dot(int[] dots, int at, float scale) {
    return ((FloatVector) IntVector.fromArray(Lanes.INTS, dots, at).convert(VectorOperators.I2F, 0))
        .mul(FloatVector.broadcast(Lanes.FLOATS, scale));
  }
}
