package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// IQ4_NL: a half-precision scale and 32 places in a table of 16 levels, which lie closer together
/// near zero, where most weights are: `w = d · level[q]`.
///
/// Encoding searches the scale around the one that gives the farthest weight the level −127.
final class NonlinearCodec implements BlockCodec {

  /// ggml's `kvalues_iq4nl`.
  private static final int[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final BitBlock NUMBERS = new BitBlock(4);

  static final ScaleSearch SEARCH =
      new ScaleSearch(value -> LEVELS[nearest(value)], LEVELS[0], 1, 7);

  static int level(int place) {
    return LEVELS[place];
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    int[] found = new int[BitBlock.SIZE];
    float scale = Bytes.half(blocks, offset);
    NUMBERS.read(blocks, offset + Short.BYTES, found);
    for (int i = 0; i < BitBlock.SIZE; i++) {
      values[at + i] = scale * LEVELS[found[i]];
    }
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, BitBlock.SIZE);
    float scale = SEARCH.of(values, at, BitBlock.SIZE);
    Bytes.putHalf(blocks, offset, scale);
    float inverse = BlockWeights.inverse(scale);
    int[] chosen = new int[BitBlock.SIZE];
    for (int i = 0; i < BitBlock.SIZE; i++) {
      chosen[i] = nearest(values[at + i] * inverse);
    }
    NUMBERS.write(chosen, blocks, offset + Short.BYTES);
  }

  /// The place of the nearest level; of two as near the greater.
  static int nearest(float value) {
    int place = 0;
    while (place < LEVELS.length - 1 && value - LEVELS[place] >= LEVELS[place + 1] - value) {
      place++;
    }
    return place;
  }
}
