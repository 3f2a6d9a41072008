package dev.lengthwise.matrix;

import java.lang.foreign.ValueLayout;

/// From rows as they lie in a file to [RowGroups].
final class RowPacking {

  private static final int VECTOR = GroupLayout.VECTOR;
  private static final int ROWS = GroupLayout.ROWS;

  private RowPacking() {}

  /// Packs one group into zeroed memory.
  ///
  /// @param rows rows of the group, 16 but in the last
  static void pack(WeightMatrix weight, GroupLayout layout, int first, int rows, long to) {
    int units = weight.columns() / layout.columns();
    int[] numbers = new int[32];
    for (int row = 0; row < rows; row++) {
      long from = weight.addressOf(first + row);
      for (int n = 0; n < units; n++) {
        long source = from + weight.type().bytes((long) n * layout.columns());
        long unit = to + (long) n * layout.bytes();
        switch (layout) {
          case Q4_0 -> even(layout, source, unit, row, numbers);
          case Q4_K, Q5_K -> affine(layout, source, unit, row, numbers);
          case Q6_K -> six(layout, source, unit, row, numbers);
          case IQ4_NL -> uneven(source, unit, row, numbers);
          case IQ4_XS -> unevenParts(source, unit, row, numbers);
          case MXFP4 -> powers(source, unit, row, numbers);
        }
      }
    }
  }

  // Two blocks of 32 weights.
  private static void even(GroupLayout layout, long from, long unit, int row, int[] numbers) {
    for (int block = 0; block < 2; block++) {
      long source = from + block * 18L;
      putHalf(unit + block * 32L, row, source);
      pairs(source + 2, 8, numbers);
      put(layout, block, numbers, unit, row);
    }
  }

  // 32 numbers: the first 16 in the lower halves of bytes, the others in the upper ones.
  private static void pairs(long from, int zero, int[] numbers) {
    for (int i = 0; i < 16; i++) {
      int pair = Memory.unsignedAt(from + i);
      numbers[i] = (pair & 15) - zero;
      numbers[16 + i] = (pair >> 4) - zero;
    }
  }

  private static void uneven(long from, long unit, int row, int[] numbers) {
    for (int block = 0; block < 2; block++) {
      long source = from + block * 18L;
      putHalf(unit + block * 32L, row, source);
      pairs(source + 2, 0, numbers);
      put(GroupLayout.IQ4_NL, block, numbers, unit, row);
    }
  }

  private static void powers(long from, long unit, int row, int[] numbers) {
    for (int block = 0; block < 2; block++) {
      long source = from + block * 17L;
      putByte(unit + block * (long) ROWS, row, Memory.byteAt(source));
      pairs(source + 1, 0, numbers);
      put(GroupLayout.MXFP4, block, numbers, unit, row);
    }
  }

  private static void unevenParts(long from, long unit, int row, int[] numbers) {
    putHalf(unit, row, from);
    for (int part = 0; part < 8; part++) {
      long scale = unit + GroupLayout.SCALES + part * (long) ROWS;
      putByte(scale, row, Levels.unevenScale(from, part));
      pairs(from + 8 + part * 16L, 0, numbers);
      put(GroupLayout.IQ4_XS, part, numbers, unit, row);
    }
  }

  private static void affine(GroupLayout layout, long from, long unit, int row, int[] numbers) {
    int bits = layout.bits();
    putHalf(unit, row, from);
    putHalf(unit + 32, row, from + 2);
    long fours = from + (bits == 4 ? 16 : 48);
    for (int part = 0; part < 8; part++) {
      putByte(unit + GroupLayout.SCALES + part * (long) ROWS, row, SixBits.scale(from + 4, part));
      putByte(unit + GroupLayout.MINIMA + part * (long) ROWS, row, SixBits.minimum(from + 4, part));
      for (int i = 0; i < 32; i++) {
        int four = (Memory.unsignedAt(fours + part / 2 * 32L + i) >> (part % 2 * 4)) & 15;
        int fifth = bits == 4 ? 0 : (Memory.unsignedAt(from + 16 + i) >> part) & 1;
        numbers[i] = four | (fifth << 4);
      }
      put(layout, part, numbers, unit, row);
    }
  }

  private static void six(GroupLayout layout, long from, long unit, int row, int[] numbers) {
    putHalf(unit, row, from + 208);
    for (int part = 0; part < 16; part++) {
      putByte(
          unit + GroupLayout.SCALES + part * (long) ROWS, row, Memory.byteAt(from + 192 + part));
      for (int i = 0; i < 16; i++) {
        int at = part * 16 + i;
        int four = (Memory.unsignedAt(from + at / 128 * 64L + at % 64) >> (at / 64 % 2 * 4)) & 15;
        int two =
            (Memory.unsignedAt(from + 128 + at / 128 * 32L + at % 32) >> (at / 32 % 4 * 2)) & 3;
        numbers[i] = (four | (two << 4)) - 32;
      }
      put(layout, part, numbers, unit, row);
    }
  }

  private static void put(GroupLayout layout, int part, int[] numbers, long unit, int row) {
    int bits = layout.bits();
    int mask = (1 << bits) - 1;
    int fields = layout.fields();
    int free = layout.free();
    int low = rest(layout, numbers, 0);
    int high = rest(layout, numbers, 1);
    long to = unit + layout.numbers() + (long) part * layout.partBytes() + row * 4L;
    int place = 0;
    for (int n = 0; n < layout.vectors(); n++) {
      int lane = freeBits(low, free, n) | freeBits(high, free, n) << Short.SIZE;
      for (int i = 0; i < 2 * fields; i++) {
        int bit = i < fields ? bits * i : Short.SIZE + bits * (i - fields);
        lane |= (numbers[layout.column(place++)] & mask) << bit;
      }
      Memory.ALL.set(Memory.INT, to + (long) n * VECTOR, lane);
    }
  }

  // The numbers of a part that the free bits of a half hold, one after the other.
  private static int rest(GroupLayout layout, int[] numbers, int half) {
    int rest = 0;
    int first = layout.partColumns() - (2 - half) * layout.rest();
    for (int i = 0; i < layout.rest(); i++) {
      int number = numbers[layout.column(first + i)] & ((1 << layout.bits()) - 1);
      rest |= number << (layout.bits() * i);
    }
    return rest;
  }

  // Those of them that vector `n` has, in the upper bits of a half.
  private static int freeBits(int rest, int free, int n) {
    return ((rest >> (free * n)) & ((1 << free) - 1)) << (Short.SIZE - free);
  }

  private static void putHalf(long halves, int row, long from) {
    Memory.putShort(halves + row * 2L, Memory.ALL.get(Memory.SHORT, from));
  }

  private static void putByte(long bytes, int row, int value) {
    Memory.ALL.set(ValueLayout.JAVA_BYTE, bytes + row, (byte) value);
  }
}
