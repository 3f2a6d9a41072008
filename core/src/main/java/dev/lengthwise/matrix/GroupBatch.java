package dev.lengthwise.matrix;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Products of [RowGroups] with several tokens, equal to the bit to those of [GroupDot].
///
/// The numbers of a part are unpacked once, as floats into memory of the first-level cache, and
/// then multiplied with all tokens. [GroupDot] has four sums for each part; here the columns of a
/// part lie in the order of these sums ([GroupColumns]), so that one loop does for all types. Four
/// tokens at a time by two vectors of rows are eight sums in registers, and six loads serve eight
/// FMAs; with the four sums of one token at a time it would be twelve.
///
/// Methods that keep vectors are short, and hand them on in arrays: the compiler makes an object of
/// every vector that it passes to a method that it does not inline.
final class GroupBatch {

  private static final int ROWS = GroupLayout.ROWS;
  private static final int SUMS = GroupColumns.SUMS;

  // The numbers of a part, its scale and minimum, and those of the unit, a float for each row.
  private final float[] numbers = new float[32 * ROWS];
  private final float[] scale = new float[ROWS];
  private final float[] minimum = new float[ROWS];
  private final float[] unitScale = new float[ROWS];
  private final float[] unitMinimum = new float[ROWS];

  // [sum, row, token], four tokens
  private final float[] parts = new float[SUMS * ROWS * 4];

  // [token, row]
  private float[] upper = new float[0];
  private float[] lower = new float[0];
  private float[] total = new float[0];

  // [column in the order of sums, token], filled up to an even number of tokens
  private float[] inputs = new float[0];

  // [32 columns, token]
  private float[] inputSums = new float[0];

  private GroupLayout layout = GroupLayout.Q4_0;
  private int tokens;

  /// Makes room for tokens of a product, and puts them in order.
  ///
  /// @param rows the tokens
  void start(GroupLayout chosen, FloatRows rows, Scratch scratch) {
    layout = chosen;
    tokens = (rows.count() + 1) / 2 * 2;
    int columns = rows.columns();
    if (inputs.length < columns * tokens) {
      inputs = new float[columns * tokens];
      inputSums = new float[(columns / 32 + 1) * tokens];
    }
    if (total.length < tokens * ROWS) {
      upper = new float[tokens * ROWS];
      lower = new float[tokens * ROWS];
      total = new float[tokens * ROWS];
    }
    int[] order = GroupColumns.order(layout);
    boolean summed = layout == GroupLayout.Q4_K || layout == GroupLayout.Q5_K;
    for (int token = 0; token < tokens; token++) {
      // The last of an odd number of tokens is its own neighbour, whose sums nobody reads.
      long input = rows.addressOf(Math.min(token, rows.count() - 1));
      float[] x = scratch.activations(input, columns);
      for (int part = 0; part < columns; part += order.length) {
        for (int n = 0; n < order.length; n++) {
          inputs[(part + n) * tokens + token] = x[part + order[n]];
        }
      }
      if (summed) {
        float[] own = QuantisedDot.sums(input, columns, scratch);
        for (int n = 0; n < columns / 32; n++) {
          inputSums[n * tokens + token] = own[n];
        }
      }
    }
  }

  /// Products of one group with the tokens of [#start].
  ///
  /// @param group address of a group
  /// @return `[token, 16 rows]`, overwritten by the next call
  float[] products(long group, int units) {
    Arrays.fill(total, 0, tokens * ROWS, 0);
    for (int n = 0; n < units; n++) {
      long unit = Memory.known(group + n * (long) layout.bytes());
      switch (layout) {
        case Q4_0, IQ4_NL, MXFP4 -> even(unit, n);
        case Q4_K, Q5_K -> affine(unit, n);
        case Q6_K -> scaledParts(GroupColumns.SIXES, unit, n);
        case IQ4_XS -> scaledParts(GroupColumns.EIGHTS, unit, n);
        case Q8_0 -> throw new IllegalArgumentException(layout + " has no float products");
      }
    }
    return total;
  }

  private void even(long unit, int n) {
    for (int block = 0; block < 2; block++) {
      long p = unit + layout.numbers() + (long) block * layout.partBytes();
      if (layout == GroupLayout.Q4_0) {
        unpackSigned(p, numbers);
      } else {
        unpackLevels(layout, p, numbers);
      }
      if (layout == GroupLayout.MXFP4) {
        powers(unit + block * (long) ROWS, scale);
      } else {
        halves(unit + block * 32L, scale);
      }
      for (int token = 0; token < tokens; ) {
        int count = multiply(GroupColumns.EIGHTS, n * 64 + block * 32, token);
        for (int t = 0; t < count; t++) {
          scaled(parts, t, count, scale, total, (token + t) * ROWS);
        }
        token += count;
      }
    }
  }

  private void affine(long unit, int n) {
    boolean four = layout == GroupLayout.Q4_K;
    Arrays.fill(upper, 0, tokens * ROWS, 0);
    Arrays.fill(lower, 0, tokens * ROWS, 0);
    for (int part = 0; part < 8; part++) {
      long p = unit + layout.numbers() + (long) part * layout.partBytes();
      if (four) {
        unpackFour(p, numbers);
      } else {
        unpackFive(p, numbers);
      }
      bytes(unit + GroupLayout.SCALES + part * (long) ROWS, scale, 0xff);
      bytes(unit + GroupLayout.MINIMA + part * (long) ROWS, minimum, 0xff);
      int[] counts = four ? GroupColumns.EIGHTS : GroupColumns.FIVES;
      int sums = (n * 8 + part) * tokens;
      for (int token = 0; token < tokens; ) {
        int count = multiply(counts, n * 256 + part * 32, token);
        for (int t = 0; t < count; t++) {
          scaled(parts, t, count, scale, upper, (token + t) * ROWS);
          added(minimum, inputSums[sums + token + t], lower, (token + t) * ROWS);
        }
        token += count;
      }
    }
    halves(unit, unitScale);
    halves(unit + 32, unitMinimum);
    for (int token = 0; token < tokens; token++) {
      unit(unitScale, upper, total, token * ROWS);
      minima(unitMinimum, lower, total, token * ROWS);
    }
  }

  // Parts with signed scales under one of the unit: Q6_K and IQ4_XS.
  private void scaledParts(int[] counts, long unit, int n) {
    Arrays.fill(upper, 0, tokens * ROWS, 0);
    int columns = layout.partColumns();
    for (int part = 0; part < layout.parts(); part++) {
      long p = unit + layout.numbers() + (long) part * layout.partBytes();
      if (layout == GroupLayout.Q6_K) {
        unpackSix(p, numbers);
      } else {
        unpackLevels(layout, p, numbers);
      }
      bytes(unit + GroupLayout.SCALES + part * (long) ROWS, scale, -1);
      for (int token = 0; token < tokens; ) {
        int count = multiply(counts, n * 256 + part * columns, token);
        for (int t = 0; t < count; t++) {
          scaled(parts, t, count, scale, upper, (token + t) * ROWS);
        }
        token += count;
      }
    }
    halves(unit, unitScale);
    for (int token = 0; token < tokens; token++) {
      unit(unitScale, upper, total, token * ROWS);
    }
  }

  // The sums of a part with the next tokens, four or two of them.
  private int multiply(int[] counts, int column, int token) {
    boolean four = tokens - token >= 4;
    int at = 0;
    for (int sum = 0; sum < SUMS; sum++) {
      int x = (column + at) * tokens + token;
      int to = sum * ROWS * (four ? 4 : 2);
      if (four && Lanes.COUNT == ROWS) {
        fourTokensWide(numbers, at * ROWS, counts[sum], inputs, x, tokens, parts, to);
      } else if (four) {
        fourTokens(numbers, at * ROWS, counts[sum], inputs, x, tokens, parts, to);
      } else {
        twoTokens(numbers, at * ROWS, counts[sum], inputs, x, tokens, parts, to);
      }
      at += counts[sum];
    }
    return four ? 4 : 2;
  }

  // [token, row] of one sum
  private static void fourTokens(
      float[] w, int at, int count, float[] x, int from, int stride, float[] parts, int to) {
    for (int lane = 0; lane < ROWS; lane += 2 * Lanes.COUNT) {
      FloatVector a0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector b2 = a0;
      FloatVector b3 = a0;
      for (int n = 0; n < count; n++) {
        FloatVector a = FloatVector.fromArray(Lanes.FLOATS, w, at + n * ROWS + lane);
        FloatVector b = FloatVector.fromArray(Lanes.FLOATS, w, at + n * ROWS + lane + Lanes.COUNT);
        FloatVector x0 = FloatVector.broadcast(Lanes.FLOATS, x[from + n * stride]);
        a0 = a.fma(x0, a0);
        b0 = b.fma(x0, b0);
        FloatVector x1 = FloatVector.broadcast(Lanes.FLOATS, x[from + n * stride + 1]);
        a1 = a.fma(x1, a1);
        b1 = b.fma(x1, b1);
        FloatVector x2 = FloatVector.broadcast(Lanes.FLOATS, x[from + n * stride + 2]);
        a2 = a.fma(x2, a2);
        b2 = b.fma(x2, b2);
        FloatVector x3 = FloatVector.broadcast(Lanes.FLOATS, x[from + n * stride + 3]);
        a3 = a.fma(x3, a3);
        b3 = b.fma(x3, b3);
      }
      a0.intoArray(parts, to + lane);
      a1.intoArray(parts, to + ROWS + lane);
      a2.intoArray(parts, to + 2 * ROWS + lane);
      a3.intoArray(parts, to + 3 * ROWS + lane);
      b0.intoArray(parts, to + lane + Lanes.COUNT);
      b1.intoArray(parts, to + ROWS + lane + Lanes.COUNT);
      b2.intoArray(parts, to + 2 * ROWS + lane + Lanes.COUNT);
      b3.intoArray(parts, to + 3 * ROWS + lane + Lanes.COUNT);
    }
  }

  // All rows are one vector.
  private static void fourTokensWide(
      float[] w, int at, int count, float[] x, int from, int stride, float[] parts, int to) {
    FloatVector a0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int n = 0; n < count; n++) {
      FloatVector a = FloatVector.fromArray(Lanes.FLOATS, w, at + n * ROWS);
      int next = from + n * stride;
      a0 = a.fma(FloatVector.broadcast(Lanes.FLOATS, x[next]), a0);
      a1 = a.fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 1]), a1);
      a2 = a.fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 2]), a2);
      a3 = a.fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 3]), a3);
    }
    a0.intoArray(parts, to);
    a1.intoArray(parts, to + ROWS);
    a2.intoArray(parts, to + 2 * ROWS);
    a3.intoArray(parts, to + 3 * ROWS);
  }

  private static void twoTokens(
      float[] w, int at, int count, float[] x, int from, int stride, float[] parts, int to) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector a0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector a1 = a0;
      for (int n = 0; n < count; n++) {
        FloatVector a = FloatVector.fromArray(Lanes.FLOATS, w, at + n * ROWS + lane);
        int next = from + n * stride;
        a0 = a.fma(FloatVector.broadcast(Lanes.FLOATS, x[next]), a0);
        a1 = a.fma(FloatVector.broadcast(Lanes.FLOATS, x[next + 1]), a1);
      }
      a0.intoArray(parts, to + lane);
      a1.intoArray(parts, to + ROWS + lane);
    }
  }

  // target += scale · (the four sums), in the order of `GroupDot`.
  private static void scaled(
      float[] parts, int token, int count, float[] scale, float[] target, int to) {
    int stride = count * ROWS;
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      int at = token * ROWS + lane;
      FloatVector.fromArray(Lanes.FLOATS, parts, at)
          .add(FloatVector.fromArray(Lanes.FLOATS, parts, at + stride))
          .add(
              FloatVector.fromArray(Lanes.FLOATS, parts, at + 2 * stride)
                  .add(FloatVector.fromArray(Lanes.FLOATS, parts, at + 3 * stride)))
          .fma(
              FloatVector.fromArray(Lanes.FLOATS, scale, lane),
              FloatVector.fromArray(Lanes.FLOATS, target, to + lane))
          .intoArray(target, to + lane);
    }
  }

  private static void added(float[] minimum, float sum, float[] target, int to) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, minimum, lane)
          .fma(
              FloatVector.broadcast(Lanes.FLOATS, sum),
              FloatVector.fromArray(Lanes.FLOATS, target, to + lane))
          .intoArray(target, to + lane);
    }
  }

  private static void unit(float[] scale, float[] upper, float[] total, int at) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, scale, lane)
          .fma(
              FloatVector.fromArray(Lanes.FLOATS, upper, at + lane),
              FloatVector.fromArray(Lanes.FLOATS, total, at + lane))
          .intoArray(total, at + lane);
    }
  }

  private static void minima(float[] scale, float[] lower, float[] total, int at) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, total, at + lane)
          .sub(
              FloatVector.fromArray(Lanes.FLOATS, scale, lane)
                  .mul(FloatVector.fromArray(Lanes.FLOATS, lower, at + lane)))
          .intoArray(total, at + lane);
    }
  }

  private static void halves(long address, float[] target) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      GroupScales.halves(address + lane * 2L).intoArray(target, lane);
    }
  }

  private static void powers(long address, float[] target) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      GroupScales.powers(address + lane).intoArray(target, lane);
    }
  }

  // Bytes as floats: unsigned with the mask 0xff, signed with −1.
  private static void bytes(long address, float[] target, int mask) {
    for (int row = 0; row < ROWS; row++) {
      target[row] = Memory.byteAt(address + row) & mask;
    }
  }

  private static void put(IntVector numbers, float[] target, int place, int lane) {
    ((FloatVector) numbers.convert(VectorOperators.I2F, 0)).intoArray(target, place * ROWS + lane);
  }

  private static IntVector load(long address) {
    return IntVector.fromMemorySegment(Lanes.INTS, Memory.ALL, address, Memory.ORDER);
  }

  private static void unpackSigned(long part, float[] target) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      for (int v = 0; v < 4; v++) {
        IntVector q = load(part + v * (long) GroupLayout.VECTOR + lane * 4L);
        for (int i = 0; i < 8; i++) {
          IntVector number =
              q.lanewise(VectorOperators.LSHL, 28 - 4 * i).lanewise(VectorOperators.ASHR, 28);
          put(number, target, i % 4 * 8 + 2 * v + i / 4, lane);
        }
      }
    }
  }

  private static void unpackFour(long part, float[] target) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      for (int v = 0; v < 4; v++) {
        IntVector q = load(part + v * (long) GroupLayout.VECTOR + lane * 4L);
        for (int i = 0; i < 8; i++) {
          IntVector number = q.lanewise(VectorOperators.LSHR, 4 * i).and(15);
          put(number, target, i % 4 * 8 + 2 * v + i / 4, lane);
        }
      }
    }
  }

  private static void unpackLevels(GroupLayout layout, long part, float[] target) {
    if (Lanes.COUNT == ROWS) {
      unpackSixteenLevels(layout, part, target);
      return;
    }
    ByteVector table = LevelDot.bytes(layout);
    IntVector lower = LevelDot.lower();
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      for (int v = 0; v < 4; v++) {
        IntVector q = load(part + v * (long) GroupLayout.VECTOR + lane * 4L);
        IntVector even = LevelDot.levels(q, lower, table);
        IntVector odd = LevelDot.levels(q.lanewise(VectorOperators.LSHR, 4), lower, table);
        for (int i = 0; i < 4; i++) {
          int left = 24 - 8 * i;
          int place = i % 2 * 16 + 2 * v + i / 2;
          put(signedByte(even, left), target, place, lane);
          put(signedByte(odd, left), target, place + 8, lane);
        }
      }
    }
  }

  private static IntVector signedByte(IntVector bytes, int left) {
    return bytes.lanewise(VectorOperators.LSHL, left).lanewise(VectorOperators.ASHR, 24);
  }

  private static void unpackSixteenLevels(GroupLayout layout, long part, float[] target) {
    IntVector table = LevelDot.floats(layout);
    for (int v = 0; v < 4; v++) {
      IntVector q = load(part + v * (long) GroupLayout.VECTOR);
      for (int i = 0; i < 8; i++) {
        q.lanewise(VectorOperators.LSHR, 4 * i)
            .selectFrom(table)
            .reinterpretAsFloats()
            .intoArray(target, (i % 4 * 8 + 2 * v + i / 4) * ROWS);
      }
    }
  }

  private static void unpackFive(long part, float[] target) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      IntVector rest = IntVector.zero(Lanes.INTS);
      for (int v = 0; v < 5; v++) {
        IntVector q = load(part + v * (long) GroupLayout.VECTOR + lane * 4L);
        rest = rest.lanewise(VectorOperators.LSHR, 1).or(q.and(0x80008000));
        put(q.and(31), target, 2 * v, lane);
        put(q.lanewise(VectorOperators.LSHR, 5).and(31), target, 10 + 2 * v, lane);
        put(q.lanewise(VectorOperators.LSHR, 10).and(31), target, 20 + v, lane);
        put(q.lanewise(VectorOperators.LSHR, 16).and(31), target, 26 + v, lane);
        put(q.lanewise(VectorOperators.LSHR, 21).and(31), target, 2 * v + 1, lane);
        put(q.lanewise(VectorOperators.LSHR, 26).and(31), target, 11 + 2 * v, lane);
      }
      put(rest.lanewise(VectorOperators.LSHR, 11).and(31), target, 25, lane);
      put(rest.lanewise(VectorOperators.LSHR, 27), target, 31, lane);
    }
  }

  private static void unpackSix(long part, float[] target) {
    for (int lane = 0; lane < ROWS; lane += Lanes.COUNT) {
      IntVector rest = IntVector.zero(Lanes.INTS);
      for (int v = 0; v < 3; v++) {
        IntVector q = load(part + v * (long) GroupLayout.VECTOR + lane * 4L);
        rest = rest.lanewise(VectorOperators.LSHR, 4).or(q.and(0xf000f000));
        put(six(q, 26), target, v, lane);
        put(six(q, 20), target, 6 + v, lane);
        put(six(q, 10), target, 10 + v, lane);
        put(six(q, 4), target, 13 + v, lane);
      }
      put(six(rest, 22), target, 3, lane);
      put(six(rest, 16), target, 4, lane);
      put(six(rest, 6), target, 5, lane);
      put(rest.lanewise(VectorOperators.ASHR, 26), target, 9, lane);
    }
  }

  private static IntVector six(IntVector q, int left) {
    return q.lanewise(VectorOperators.LSHL, left).lanewise(VectorOperators.ASHR, 26);
  }
}
