package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Q8_0: a half-precision scale and 32 signed bytes, `w = d · q`.
///
/// Encoding takes `d = max|w| / 127` and rounds to the nearest number, halves away from zero.
final class EightBitCodec implements BlockCodec {

  private static final int SIZE = 32;
  private static final int MOST = 127;

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    float scale = Bytes.half(blocks, offset);
    for (int i = 0; i < SIZE; i++) {
      values[at + i] = scale * Bytes.signed(blocks, offset + Short.BYTES + i);
    }
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, SIZE);
    float scale = Math.abs(BlockWeights.farthest(values, at, SIZE)) / MOST;
    float inverse = BlockWeights.inverse(scale);
    Bytes.putHalf(blocks, offset, scale);
    for (int i = 0; i < SIZE; i++) {
      int number = nearest(values[at + i] * inverse);
      Bytes.put(blocks, offset + Short.BYTES + i, BlockWeights.clamp(number, -MOST, MOST));
    }
  }

  private static int nearest(float value) {
    int magnitude = Math.round(Math.abs(value));
    return value < 0 ? -magnitude : magnitude;
  }
}
