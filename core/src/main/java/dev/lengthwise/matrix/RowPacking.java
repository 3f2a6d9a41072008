package dev.lengthwise.matrix;

import java.lang.foreign.ValueLayout;

/// From rows as they lie in a file to [RowGroups].
final class RowPacking {

  private static final int VECTOR = RowGroups.VECTOR;
  private static final int ROWS = RowGroups.ROWS;

  private RowPacking() {}

  /// Packs one group into zeroed memory.
  ///
  /// @param rows rows of the group, 16 but in the last
  static void pack(WeightMatrix weight, int first, int rows, long to) {
    WeightType type = weight.type();
    int units = weight.columns() / RowGroups.unit(type);
    int[] numbers = new int[32];
    for (int row = 0; row < rows; row++) {
      long from = weight.addressOf(first + row);
      for (int n = 0; n < units; n++) {
        long source = from + type.bytes((long) n * RowGroups.unit(type));
        long unit = to + (long) n * RowGroups.unitBytes(type);
        switch (type) {
          case Q4_0 -> even(source, unit, row, numbers);
          case Q4_K -> affine(4, source, unit, row, numbers);
          case Q5_K -> affine(5, source, unit, row, numbers);
          case Q6_K -> six(source, unit, row, numbers);
          default -> throw new IllegalArgumentException(type + " has no groups of rows");
        }
      }
    }
  }

  // Two blocks of 32 weights.
  private static void even(long from, long unit, int row, int[] numbers) {
    for (int block = 0; block < 2; block++) {
      long source = from + block * 18L;
      putHalf(unit + block * 32L, row, source);
      for (int i = 0; i < 16; i++) {
        int pair = Memory.unsignedAt(source + 2 + i);
        numbers[i] = (pair & 15) - 8;
        numbers[16 + i] = (pair >> 4) - 8;
      }
      put(4, numbers, 32, unit + VECTOR + block * 4L * VECTOR, row);
    }
  }

  private static void affine(int bits, long from, long unit, int row, int[] numbers) {
    putHalf(unit, row, from);
    putHalf(unit + 32, row, from + 2);
    long fours = from + (bits == 4 ? 16 : 48);
    for (int part = 0; part < 8; part++) {
      putByte(unit + RowGroups.SCALES + part * (long) ROWS, row, SixBits.scale(from + 4, part));
      putByte(unit + RowGroups.MINIMA + part * (long) ROWS, row, SixBits.minimum(from + 4, part));
      for (int i = 0; i < 32; i++) {
        int four = (Memory.unsignedAt(fours + part / 2 * 32L + i) >> (part % 2 * 4)) & 15;
        int fifth = bits == 4 ? 0 : (Memory.unsignedAt(from + 16 + i) >> part) & 1;
        numbers[i] = four | (fifth << 4);
      }
      put(bits, numbers, 32, unit + RowGroups.NUMBERS + (long) part * bits * VECTOR, row);
    }
  }

  private static void six(long from, long unit, int row, int[] numbers) {
    putHalf(unit, row, from + 208);
    for (int part = 0; part < 16; part++) {
      putByte(unit + RowGroups.SCALES + part * (long) ROWS, row, Memory.byteAt(from + 192 + part));
      for (int i = 0; i < 16; i++) {
        int at = part * 16 + i;
        int four = (Memory.unsignedAt(from + at / 128 * 64L + at % 64) >> (at / 64 % 2 * 4)) & 15;
        int two =
            (Memory.unsignedAt(from + 128 + at / 128 * 32L + at % 32) >> (at / 32 % 4 * 2)) & 3;
        numbers[i] = (four | (two << 4)) - 32;
      }
      put(6, numbers, 16, unit + RowGroups.NUMBERS + part * 3L * VECTOR, row);
    }
  }

  // As many numbers as fit go into each vector; the bits that are left free are the others.
  private static void put(int bits, int[] numbers, int count, long vectors, int row) {
    int each = Integer.SIZE / bits;
    int mask = (1 << bits) - 1;
    int lanes = count * bits / Integer.SIZE;
    int rest = 0;
    for (int i = each * lanes; i < count; i++) {
      rest |= (numbers[i] & mask) << (bits * (i - each * lanes));
    }
    int free = Integer.SIZE - each * bits;
    for (int n = 0; n < lanes; n++) {
      int lane = free == 0 ? 0 : (rest >> (free * n)) << (Integer.SIZE - free);
      for (int i = 0; i < each; i++) {
        lane |= (numbers[each * n + i] & mask) << (bits * i);
      }
      Memory.ALL.set(Memory.INT, vectors + (long) n * VECTOR + row * 4L, lane);
    }
  }

  private static void putHalf(long halves, int row, long from) {
    Memory.putShort(halves + row * 2L, Memory.ALL.get(Memory.SHORT, from));
  }

  private static void putByte(long bytes, int row, int value) {
    Memory.ALL.set(ValueLayout.JAVA_BYTE, bytes + row, (byte) value);
  }
}
