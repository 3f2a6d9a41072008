package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// 256 numbers of two bits in 64 bytes, as Q2_K, Q3_K, Q6_K and TQ2_0 have them: in each half of
/// 128 numbers and 32 bytes, number `l` of quarter `r` is in bits `2 r` and `2 r + 1` of byte `l`.
final class TwoBits {

  static final int BYTES = 64;

  private static final int BYTES_OF_HALF = 32;
  private static final int QUARTERS = 4;

  private TwoBits() {}

  /// Number `i` of those that begin at `offset`.
  static int read(MemorySegment blocks, long offset, int i) {
    int half = i / 128;
    int quarter = i / BYTES_OF_HALF % QUARTERS;
    return Bytes.unsigned(blocks, offset + half * (long) BYTES_OF_HALF + i % BYTES_OF_HALF)
            >> (2 * quarter)
        & 3;
  }

  /// Writes the two bits from `shift` on of each number.
  static void write(int[] numbers, int shift, MemorySegment blocks, long offset) {
    for (int b = 0; b < BYTES; b++) {
      int first = b / BYTES_OF_HALF * 128 + b % BYTES_OF_HALF;
      int bits = 0;
      for (int quarter = 0; quarter < QUARTERS; quarter++) {
        bits |= ((numbers[first + quarter * BYTES_OF_HALF] >> shift) & 3) << (2 * quarter);
      }
      Bytes.put(blocks, offset + b, bits);
    }
  }
}
