package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// IQ4_XS: 256 weights in eight parts of 32, each with a signed scale of six bits under a
/// half-precision scale of all, and the levels of [NonlinearCodec]: `w = d · (scale − 32) ·
/// level[q]`.
///
/// A block is `d`, 16 bits with the upper two bits of the scales (those of part `s` are bits `2 s`
/// and `2 s + 1`), four bytes with their low four (part `s` in byte `s / 2`, even ones in the low
/// half), and 16 bytes with the numbers of each part.
final class NonlinearSuperCodec implements BlockCodec {

  private static final int PARTS = 8;
  private static final int PART = BitBlock.SIZE;
  private static final int SCALE_ZERO = 32;
  private static final int UPPER_SCALES = Short.BYTES;
  private static final int SCALES = UPPER_SCALES + Short.BYTES;
  private static final int NUMBERS = SCALES + PARTS / 2;
  private static final long PART_BYTES = PART / 2L;
  private static final BitBlock BITS = new BitBlock(4);

  private static int partScale(MemorySegment blocks, long offset, int part) {
    int low = Bytes.unsigned(blocks, offset + SCALES + part / 2) >> (part % 2 * 4) & 0xf;
    int upper = Bytes.unsigned(blocks, offset + UPPER_SCALES + part / 4) >> (part % 4 * 2) & 3;
    return low | upper << 4;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    float scale = Bytes.half(blocks, offset);
    int[] found = new int[PART];
    for (int part = 0; part < PARTS; part++) {
      float partScale = scale * (partScale(blocks, offset, part) - SCALE_ZERO);
      BITS.read(blocks, offset + NUMBERS + part * PART_BYTES, found);
      for (int i = 0; i < PART; i++) {
        values[at + part * PART + i] = partScale * NonlinearCodec.level(found[i]);
      }
    }
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, PARTS * PART);
    float[] scales = new float[PARTS];
    for (int part = 0; part < PARTS; part++) {
      scales[part] = NonlinearCodec.SEARCH.of(values, at + part * PART, PART);
    }
    int[] whole = PartScales.signed(scales, -SCALE_ZERO, blocks, offset);
    float scale = Bytes.half(blocks, offset);
    int[] chosen = new int[PART];
    for (int part = 0; part < PARTS; part++) {
      float inverse = BlockWeights.inverse(scale * whole[part]);
      for (int i = 0; i < PART; i++) {
        chosen[i] = NonlinearCodec.nearest(values[at + part * PART + i] * inverse);
      }
      BITS.write(chosen, blocks, offset + NUMBERS + part * PART_BYTES);
    }
    for (int pair = 0; pair < PARTS / 2; pair++) {
      int even = whole[2 * pair] + SCALE_ZERO;
      int odd = whole[2 * pair + 1] + SCALE_ZERO;
      Bytes.put(blocks, offset + SCALES + pair, (even & 0xf) | (odd & 0xf) << 4);
    }
    for (int half = 0; half < 2; half++) {
      int upper = 0;
      for (int s = 0; s < 4; s++) {
        upper |= (whole[4 * half + s] + SCALE_ZERO) >> 4 << (2 * s);
      }
      Bytes.put(blocks, offset + UPPER_SCALES + half, upper);
    }
  }
}
