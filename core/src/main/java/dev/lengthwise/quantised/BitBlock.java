package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// The whole numbers of a block of 32 with 4 or 5 bits each.
///
/// The low four bits lie in 16 bytes: number `j` in the low half of byte `j`, number `j + 16` in
/// the high half. The fifth bits, if there are any, lie in a word of 32 bits in front of them, that
/// of number `j` as bit `j`.
///
/// @param bits 4 or 5
record BitBlock(int bits) {

  /// Numbers in a block.
  static final int SIZE = 32;

  private static final int HALF = SIZE / 2;

  /// The largest number.
  int most() {
    return (1 << bits) - 1;
  }

  /// Reads all numbers of the block whose bits begin at `offset`.
  void read(MemorySegment blocks, long offset, int[] numbers) {
    int fifth = bits == 5 ? Bytes.word(blocks, offset) : 0;
    for (int j = 0; j < HALF; j++) {
      int pair = Bytes.unsigned(blocks, lowBits(offset) + j);
      numbers[j] = (pair & 0xf) | ((fifth >>> j) & 1) << 4;
      numbers[j + HALF] = (pair >> 4) | ((fifth >>> (j + HALF)) & 1) << 4;
    }
  }

  /// Writes numbers from 0 to [#most].
  void write(int[] numbers, MemorySegment blocks, long offset) {
    int fifth = 0;
    for (int j = 0; j < SIZE; j++) {
      fifth |= (numbers[j] >> 4) << j;
    }
    if (bits == 5) {
      Bytes.putWord(blocks, offset, fifth);
    }
    for (int j = 0; j < HALF; j++) {
      int pair = (numbers[j] & 0xf) | (numbers[j + HALF] & 0xf) << 4;
      Bytes.put(blocks, lowBits(offset) + j, pair);
    }
  }

  private long lowBits(long offset) {
    return bits == 5 ? offset + Integer.BYTES : offset;
  }
}
