package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Q3_K: 256 weights in 16 parts of 16, each with a signed scale of six bits under a half-precision
/// scale of all: `w = d · (scale − 32) · (q − 4)`.
///
/// A block is 32 bytes with the third bits of the numbers (bit `s` of byte `l` is that of number
/// `32 s + l`), the [TwoBits] of their low bits, 12 bytes of scales and `d`. Of scale `4 g + j` the
/// low four bits are in byte `4 (g mod 2) + j`, in the low half for `g < 2` and the high one
/// otherwise, and the upper two are bits `2 g` and `2 g + 1` of byte `8 + j`.
final class ThreeBitCodec implements BlockCodec {

  private static final int SIZE = 256;
  private static final int PART = 16;
  private static final int PARTS = SIZE / PART;
  private static final int ZERO = 4;
  private static final int SCALE_ZERO = 32;
  private static final int THIRD_BITS = 32;
  private static final int SCALES = THIRD_BITS + TwoBits.BYTES;
  private static final int UPPER_SCALES = SCALES + 8;
  private static final int SCALE = UPPER_SCALES + 4;

  private static final ScaleSearch SEARCH =
      new ScaleSearch(value -> number(value) - ZERO, -ZERO, 0.1, 9);

  private static int number(float value) {
    return BlockWeights.clamp((int) Math.rint(value), -ZERO, ZERO - 1) + ZERO;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    float scale = Bytes.half(blocks, offset + SCALE);
    for (int i = 0; i < SIZE; i++) {
      int third = Bytes.unsigned(blocks, offset + i % THIRD_BITS) >> (i / THIRD_BITS) & 1;
      int number = TwoBits.read(blocks, offset + THIRD_BITS, i) | third << 2;
      float partScale = scale * (partScale(blocks, offset, i / PART) - SCALE_ZERO);
      values[at + i] = partScale * (number - ZERO);
    }
  }

  private static int partScale(MemorySegment blocks, long offset, int part) {
    int low = Bytes.unsigned(blocks, offset + SCALES + part % 8) >> (part / 8 * 4) & 0xf;
    int upper = Bytes.unsigned(blocks, offset + UPPER_SCALES + part % 4) >> (part / 4 * 2) & 3;
    return low | upper << 4;
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, SIZE);
    float[] scales = new float[PARTS];
    for (int part = 0; part < PARTS; part++) {
      scales[part] = SEARCH.of(values, at + part * PART, PART);
    }
    int[] whole = PartScales.signed(scales, -SCALE_ZERO, blocks, offset + SCALE);
    float scale = Bytes.half(blocks, offset + SCALE);
    int[] numbers = new int[SIZE];
    for (int i = 0; i < SIZE; i++) {
      numbers[i] = number(values[at + i] * BlockWeights.inverse(scale * whole[i / PART]));
    }
    TwoBits.write(numbers, 0, blocks, offset + THIRD_BITS);
    for (int l = 0; l < THIRD_BITS; l++) {
      int bits = 0;
      for (int s = 0; s < SIZE / THIRD_BITS; s++) {
        bits |= (numbers[s * THIRD_BITS + l] >> 2) << s;
      }
      Bytes.put(blocks, offset + l, bits);
    }
    writeScales(whole, blocks, offset);
  }

  private static void writeScales(int[] signed, MemorySegment blocks, long offset) {
    int[] scales = new int[PARTS];
    for (int part = 0; part < PARTS; part++) {
      scales[part] = signed[part] + SCALE_ZERO;
    }
    for (int j = 0; j < 8; j++) {
      Bytes.put(blocks, offset + SCALES + j, (scales[j] & 0xf) | (scales[j + 8] & 0xf) << 4);
    }
    for (int j = 0; j < 4; j++) {
      int upper = 0;
      for (int g = 0; g < 4; g++) {
        upper |= scales[4 * g + j] >> 4 << (2 * g);
      }
      Bytes.put(blocks, offset + UPPER_SCALES + j, upper);
    }
  }
}
