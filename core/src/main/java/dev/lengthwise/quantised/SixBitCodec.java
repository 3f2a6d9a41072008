package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Q6_K: 256 weights in 16 parts of 16, each with a signed byte as its scale under a half-precision
/// scale of all: `w = d · scale · (q − 32)`.
///
/// A block is 128 bytes with the low four bits of the numbers, 64 with their upper two, the 16
/// scales and, at the end, `d`. In each half of 128 weights, number `l` of quarter `r` (32 numbers)
/// has its low bits in byte `l + 32 (r mod 2)` of the half's 64, in the low four bits for `r < 2`
/// and the high four otherwise. The upper bits lie as [TwoBits].
final class SixBitCodec implements BlockCodec {

  private static final int SIZE = 256;
  private static final int PART = 16;
  private static final int PARTS = SIZE / PART;
  private static final int ZERO = 32;
  private static final int UPPER = 128;
  private static final int SCALES = UPPER + TwoBits.BYTES;
  private static final int SCALE = SCALES + PARTS;

  private static final ScaleSearch SEARCH =
      new ScaleSearch(
          value -> BlockWeights.clamp((int) Math.rint(value), -ZERO, ZERO - 1), -ZERO, 0.1, 9);

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    float scale = Bytes.half(blocks, offset + SCALE);
    for (int i = 0; i < SIZE; i++) {
      float partScale = scale * Bytes.signed(blocks, offset + SCALES + i / PART);
      int low = Bytes.unsigned(blocks, offset + lowByte(i)) >> lowShift(i) & 0xf;
      int upper = TwoBits.read(blocks, offset + UPPER, i);
      values[at + i] = partScale * ((low | upper << 4) - ZERO);
    }
  }

  private static int lowByte(int i) {
    return i / 128 * 64 + i % 64;
  }

  private static int lowShift(int i) {
    return i / 64 % 2 * 4;
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, SIZE);
    float[] scales = new float[PARTS];
    for (int part = 0; part < PARTS; part++) {
      scales[part] = SEARCH.of(values, at + part * PART, PART);
    }
    int[] whole = PartScales.signed(scales, Byte.MIN_VALUE, blocks, offset + SCALE);
    float scale = Bytes.half(blocks, offset + SCALE);
    int[] numbers = new int[SIZE];
    for (int i = 0; i < SIZE; i++) {
      float inverse = BlockWeights.inverse(scale * whole[i / PART]);
      int number = (int) Math.rint(values[at + i] * inverse);
      numbers[i] = BlockWeights.clamp(number, -ZERO, ZERO - 1) + ZERO;
    }
    for (int part = 0; part < PARTS; part++) {
      Bytes.put(blocks, offset + SCALES + part, whole[part]);
    }
    writeLowBits(numbers, blocks, offset);
    TwoBits.write(numbers, 4, blocks, offset + UPPER);
  }

  private static void writeLowBits(int[] numbers, MemorySegment blocks, long offset) {
    blocks.asSlice(offset, UPPER).fill((byte) 0);
    for (int i = 0; i < SIZE; i++) {
      long low = offset + lowByte(i);
      Bytes.put(blocks, low, Bytes.unsigned(blocks, low) | (numbers[i] & 0xf) << lowShift(i));
    }
  }
}
