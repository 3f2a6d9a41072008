package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Eight scales and eight minima of six bits each in 12 bytes, as Q4_K and Q5_K have them.
///
/// Bytes 0–3 hold scales 0–3 and bytes 4–7 minima 0–3, in their low six bits. Byte `8 + j` holds
/// the low four bits of scale `4 + j` and above them those of minimum `4 + j`; their upper two bits
/// are the upper two of the bytes `j` and `4 + j`.
///
/// @param scales each from 0 to 63
/// @param minima each from 0 to 63 Two arrays of eight that are read as soon as they are made.
@SuppressWarnings("ArrayRecordComponent")
record SixBitPairs(int[] scales, int[] minima) {

  static final int BYTES = 12;

  private static final int PAIRS = 8;
  private static final int HALF = PAIRS / 2;

  static SixBitPairs read(MemorySegment blocks, long offset) {
    int[] scales = new int[PAIRS];
    int[] minima = new int[PAIRS];
    for (int j = 0; j < HALF; j++) {
      int scale = Bytes.unsigned(blocks, offset + j);
      int minimum = Bytes.unsigned(blocks, offset + HALF + j);
      int low = Bytes.unsigned(blocks, offset + PAIRS + j);
      scales[j] = scale & 63;
      minima[j] = minimum & 63;
      scales[HALF + j] = (low & 0xf) | (scale >> 6) << 4;
      minima[HALF + j] = (low >> 4) | (minimum >> 6) << 4;
    }
    return new SixBitPairs(scales, minima);
  }

  void write(MemorySegment blocks, long offset) {
    for (int j = 0; j < HALF; j++) {
      int scale = scales[HALF + j];
      int minimum = minima[HALF + j];
      Bytes.put(blocks, offset + j, scales[j] | (scale >> 4) << 6);
      Bytes.put(blocks, offset + HALF + j, minima[j] | (minimum >> 4) << 6);
      Bytes.put(blocks, offset + PAIRS + j, (scale & 0xf) | (minimum & 0xf) << 4);
    }
  }
}
