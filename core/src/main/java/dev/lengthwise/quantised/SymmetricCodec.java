package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Q4_0 and Q5_0: a half-precision scale and 32 numbers of 4 or 5 bits, `w = d · (q − z)` with the
/// zero point `z = 8` or `16`.
///
/// Encoding gives the weight that is farthest from zero the number 0, the only one whose distance
/// to the zero point is `z`: `d = w_max / −z`.
///
/// @param numbers where the bits lie
record SymmetricCodec(BitBlock numbers) implements BlockCodec {

  private int zero() {
    return 1 << (numbers.bits() - 1);
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    int[] found = new int[BitBlock.SIZE];
    float scale = Bytes.half(blocks, offset);
    numbers.read(blocks, offset + Short.BYTES, found);
    for (int i = 0; i < BitBlock.SIZE; i++) {
      values[at + i] = scale * (found[i] - zero());
    }
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, BitBlock.SIZE);
    float scale = BlockWeights.farthest(values, at, BitBlock.SIZE) / -zero();
    float inverse = BlockWeights.inverse(scale);
    int[] chosen = new int[BitBlock.SIZE];
    for (int i = 0; i < BitBlock.SIZE; i++) {
      int number = (int) (values[at + i] * inverse + zero() + 0.5f);
      chosen[i] = BlockWeights.clamp(number, 0, numbers.most());
    }
    Bytes.putHalf(blocks, offset, scale);
    numbers.write(chosen, blocks, offset + Short.BYTES);
  }
}
