package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Q6_K: 256 weights in 16 parts of 16, each with a signed byte as its scale under a half-precision
/// scale of all: `w = d · scale · (q − 32)`.
///
/// A block is 128 bytes with the low four bits of the numbers, 64 with their upper two, the 16
/// scales and, at the end, `d`. In each half of 128 weights, number `l` of quarter `r` (32 numbers)
/// has its low bits in byte `l + 32 (r mod 2)` of the half's 64, in the low four bits for `r < 2`
/// and the high four otherwise, and its upper bits in bits `2 r` and `2 r + 1` of byte `l` of the
/// half's 32.
final class SixBitCodec implements BlockCodec {

  private static final int SIZE = 256;
  private static final int PART = 16;
  private static final int PARTS = SIZE / PART;
  private static final int ZERO = 32;
  private static final int UPPER = 128;
  private static final int SCALES = UPPER + 64;
  private static final int SCALE = SCALES + PARTS;

  private static final ScaleSearch SEARCH =
      new ScaleSearch(
          value -> Weights.clamp((int) Math.rint(value), -ZERO, ZERO - 1), -ZERO, 0.1, 9);

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    float scale = Bytes.half(blocks, offset + SCALE);
    for (int i = 0; i < SIZE; i++) {
      float partScale = scale * Bytes.signed(blocks, offset + SCALES + i / PART);
      int low = Bytes.unsigned(blocks, offset + lowByte(i)) >> lowShift(i) & 0xf;
      int upper = Bytes.unsigned(blocks, offset + upperByte(i)) >> upperShift(i) & 3;
      values[at + i] = partScale * ((low | upper << 4) - ZERO);
    }
  }

  private static int lowByte(int i) {
    return i / 128 * 64 + i % 64;
  }

  private static int lowShift(int i) {
    return i / 64 % 2 * 4;
  }

  private static int upperByte(int i) {
    return UPPER + i / 128 * 32 + i % 32;
  }

  private static int upperShift(int i) {
    return i / 32 % 4 * 2;
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    Weights.requireFinite(values, at, SIZE);
    float[] scales = new float[PARTS];
    for (int part = 0; part < PARTS; part++) {
      scales[part] = SEARCH.of(values, at + part * PART, PART);
    }
    writeScales(scales, blocks, offset);
    blocks.asSlice(offset, SCALES).fill((byte) 0);
    float scale = Bytes.half(blocks, offset + SCALE);
    for (int i = 0; i < SIZE; i++) {
      int partScale = Bytes.signed(blocks, offset + SCALES + i / PART);
      float inverse = Weights.inverse(scale * partScale);
      int number = (int) Math.rint(values[at + i] * inverse);
      add(blocks, offset, i, Weights.clamp(number, -ZERO, ZERO - 1) + ZERO);
    }
  }

  /// The farthest part gets the scale −128, and the others what is nearest.
  private static void writeScales(float[] scales, MemorySegment blocks, long offset) {
    float scale = Weights.farthest(scales, 0, PARTS) / Byte.MIN_VALUE;
    float inverse = Weights.inverse(scale);
    Bytes.putHalf(blocks, offset + SCALE, scale);
    for (int part = 0; part < PARTS; part++) {
      int left = (int) Math.rint(scales[part] * inverse);
      Bytes.put(
          blocks, offset + SCALES + part, Weights.clamp(left, Byte.MIN_VALUE, Byte.MAX_VALUE));
    }
  }

  private static void add(MemorySegment blocks, long offset, int i, int number) {
    long low = offset + lowByte(i);
    Bytes.put(blocks, low, Bytes.unsigned(blocks, low) | (number & 0xf) << lowShift(i));
    long upper = offset + upperByte(i);
    Bytes.put(blocks, upper, Bytes.unsigned(blocks, upper) | number >> 4 << upperShift(i));
  }
}
