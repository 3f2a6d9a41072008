package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Q4_1 and Q5_1: a scale and a minimum in half precision and 32 numbers of 4 or 5 bits, `w = d · q
/// + m`.
///
/// Encoding spreads the numbers evenly from the least weight to the greatest.
///
/// @param numbers where the bits lie
record AffineCodec(BitBlock numbers) implements BlockCodec {

  private static final int HEAD = 2 * Short.BYTES;

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    int[] found = new int[BitBlock.SIZE];
    float scale = Bytes.half(blocks, offset);
    float minimum = Bytes.half(blocks, offset + Short.BYTES);
    numbers.read(blocks, offset + HEAD, found);
    for (int i = 0; i < BitBlock.SIZE; i++) {
      values[at + i] = scale * found[i] + minimum;
    }
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, BitBlock.SIZE);
    float least = values[at];
    float greatest = values[at];
    for (int i = 1; i < BitBlock.SIZE; i++) {
      least = Math.min(least, values[at + i]);
      greatest = Math.max(greatest, values[at + i]);
    }
    float scale = (greatest - least) / numbers.most();
    Bytes.putHalf(blocks, offset, scale);
    Bytes.putHalf(blocks, offset + Short.BYTES, least);
    float inverse = BlockWeights.inverse(scale);
    int[] chosen = new int[BitBlock.SIZE];
    for (int i = 0; i < BitBlock.SIZE; i++) {
      int number = (int) ((values[at + i] - least) * inverse + 0.5f);
      chosen[i] = BlockWeights.clamp(number, 0, numbers.most());
    }
    numbers.write(chosen, blocks, offset + HEAD);
  }
}
