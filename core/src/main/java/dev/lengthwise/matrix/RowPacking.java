package dev.lengthwise.matrix;

import java.lang.foreign.ValueLayout;

/// From rows as they lie in a file to [RowGroups].
final class RowPacking {

  private static final int VECTOR = GroupLayout.VECTOR;
  private static final int ROWS = GroupLayout.ROWS;

  private RowPacking() {}

  /// Packs one group. Lanes of rows that it lacks stay as they were: nobody reads their results.
  ///
  /// @param rows rows of the group, 16 but in the last
  static void pack(WeightMatrix weight, GroupLayout layout, int first, int rows, long to) {
    int units = weight.columns() / layout.columns();
    long[] bytes = new long[4];
    for (int row = 0; row < rows; row++) {
      long from = weight.addressOf(first + row);
      for (int n = 0; n < units; n++) {
        long source = from + weight.type().bytes((long) n * layout.columns());
        long unit = to + (long) n * layout.bytes();
        switch (layout) {
          case Q4_0, IQ4_NL -> even(layout, source, unit, row);
          case Q4_K -> four(source, unit, row);
          case Q5_K -> five(source, unit, row, bytes);
          case Q6_K -> six(source, unit, row, bytes);
          case IQ4_XS -> unevenParts(source, unit, row);
          case MXFP4 -> powers(source, unit, row);
          case Q8_0 -> eight(source, unit, row);
        }
      }
    }
  }

  // Two blocks of 32 weights of four bits.
  private static void even(GroupLayout layout, long from, long unit, int row) {
    for (int block = 0; block < 2; block++) {
      long source = from + block * 18L;
      putHalf(unit + block * 32L, row, source);
      pairs(layout, source + 2, block, unit, row);
    }
  }

  private static void powers(long from, long unit, int row) {
    for (int block = 0; block < 2; block++) {
      long source = from + block * 17L;
      putByte(unit + block * (long) ROWS, row, Memory.byteAt(source));
      pairs(GroupLayout.MXFP4, source + 1, block, unit, row);
    }
  }

  // 32 numbers: the first 16 in the lower halves of bytes, the others in the upper ones.
  private static void pairs(GroupLayout layout, long from, int part, long unit, int row) {
    long to = part(layout, unit, part, row);
    int signs = layout.flips()[0];
    for (int n = 0; n < 4; n++) {
      putLane(to, n, fours(from + n % 2 * 8L, n / 2 * 4) ^ signs);
    }
  }

  // The lower halves of eight bytes side by side, or with a shift of 4 the upper ones.
  private static int fours(long from, int shift) {
    long bytes = (Memory.longAt(from) >>> shift) & 0x0f0f0f0f0f0f0f0fL;
    long pairs = (bytes | bytes >>> 4) & 0x00ff00ff00ff00ffL;
    long quads = (pairs | pairs >>> 8) & 0x0000ffff0000ffffL;
    return (int) (quads | quads >>> 16);
  }

  // Four neighbouring numbers are a lane as they lie.
  private static void eight(long from, long unit, int row) {
    for (int block = 0; block < 2; block++) {
      long source = from + block * 34L;
      putHalf(unit + block * 32L, row, source);
      long to = part(GroupLayout.Q8_0, unit, block, row);
      for (int n = 0; n < 8; n++) {
        putLane(to, n, Memory.intAt(source + 2 + n * 4L));
      }
    }
  }

  private static void unevenParts(long from, long unit, int row) {
    putHalf(unit, row, from);
    for (int part = 0; part < 8; part++) {
      long scale = unit + GroupLayout.SCALES + part * (long) ROWS;
      putByte(scale, row, Levels.unevenScale(from, part));
      pairs(GroupLayout.IQ4_XS, from + 8 + part * 16L, part, unit, row);
    }
  }

  private static void four(long from, long unit, int row) {
    minima(from, unit, row);
    for (int part = 0; part < 8; part++) {
      long source = from + 16 + part / 2 * 32L;
      long to = part(GroupLayout.Q4_K, unit, part, row);
      for (int n = 0; n < 4; n++) {
        putLane(to, n, fours(source + n * 8L, part % 2 * 4));
      }
    }
  }

  private static void five(long from, long unit, int row, long[] bytes) {
    minima(from, unit, row);
    for (int part = 0; part < 8; part++) {
      long fours = from + 48 + part / 2 * 32L;
      for (int n = 0; n < 4; n++) {
        long four = (Memory.longAt(fours + n * 8L) >>> (part % 2 * 4)) & 0x0f0f0f0f0f0f0f0fL;
        long fifth = (Memory.longAt(from + 16 + n * 8L) >>> part) & 0x0101010101010101L;
        bytes[n] = four | fifth << 4;
      }
      long to = part(GroupLayout.Q5_K, unit, part, row);
      int rest = numberAt(bytes, 30) | numberAt(bytes, 31) << Short.SIZE;
      for (int n = 0; n < 5; n++) {
        int lane = (rest >> n & 0x00010001) << 15;
        for (int i = 0; i < 3; i++) {
          lane |= numberAt(bytes, 6 * n + i) << (5 * i);
          lane |= numberAt(bytes, 6 * n + 3 + i) << (Short.SIZE + 5 * i);
        }
        putLane(to, n, lane);
      }
    }
  }

  // What Q4_K and Q5_K have before their numbers.
  private static void minima(long from, long unit, int row) {
    putHalf(unit, row, from);
    putHalf(unit + 32, row, from + 2);
    for (int part = 0; part < 8; part++) {
      putByte(unit + GroupLayout.SCALES + part * (long) ROWS, row, SixBits.scale(from + 4, part));
      putByte(unit + GroupLayout.MINIMA + part * (long) ROWS, row, SixBits.minimum(from + 4, part));
    }
  }

  private static void six(long from, long unit, int row, long[] bytes) {
    putHalf(unit, row, from + 208);
    for (int part = 0; part < 16; part++) {
      putByte(
          unit + GroupLayout.SCALES + part * (long) ROWS, row, Memory.byteAt(from + 192 + part));
      // 128 weights share 64 bytes of fours and 32 of twos.
      long fours = from + part / 8 * 64L + part % 4 * 16L;
      long twos = from + 128 + part / 8 * 32L + part % 2 * 16L;
      for (int n = 0; n < 2; n++) {
        long four = (Memory.longAt(fours + n * 8L) >>> (part / 4 % 2 * 4)) & 0x0f0f0f0f0f0f0f0fL;
        long two = (Memory.longAt(twos + n * 8L) >>> (part / 2 % 4 * 2)) & 0x0303030303030303L;
        // Less 32: the uppermost bit turns around.
        bytes[n] = (four | two << 4) ^ 0x2020202020202020L;
      }
      long to = part(GroupLayout.Q6_K, unit, part, row);
      int low = placed(bytes, 12) | placed(bytes, 13) << 6;
      int high = placed(bytes, 14) | placed(bytes, 15) << 6;
      for (int n = 0; n < 3; n++) {
        int lane = (low >> (4 * n) & 15) << 12 | (high >> (4 * n) & 15) << 28;
        for (int i = 0; i < 2; i++) {
          lane |= placed(bytes, 4 * n + i) << (6 * i);
          lane |= placed(bytes, 4 * n + 2 + i) << (Short.SIZE + 6 * i);
        }
        putLane(to, n, lane);
      }
    }
  }

  private static int placed(long[] bytes, int place) {
    return numberAt(bytes, GroupLayout.Q6_K.column(place));
  }

  private static int numberAt(long[] bytes, int column) {
    return (int) (bytes[column / 8] >>> (column % 8 * 8)) & 0xff;
  }

  // Where the lane of a row begins in a part.
  private static long part(GroupLayout layout, long unit, int part, int row) {
    return unit + layout.numbers() + (long) part * layout.partBytes() + row * 4L;
  }

  private static void putLane(long part, int vector, int lane) {
    Memory.ALL.set(Memory.INT, part + (long) vector * VECTOR, lane);
  }

  private static void putHalf(long halves, int row, long from) {
    Memory.putShort(halves + row * 2L, Memory.ALL.get(Memory.SHORT, from));
  }

  private static void putByte(long bytes, int row, int value) {
    Memory.ALL.set(ValueLayout.JAVA_BYTE, bytes + row, (byte) value);
  }
}
