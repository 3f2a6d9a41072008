package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Scales of the parts of a block as whole numbers under a half-precision scale of all.
final class PartScales {

  private PartScales() {}

  /// Writes the common scale of `parts`, none of which is negative, and returns what is left of
  /// each, from 0 to `most`: the farthest gets `most`.
  static int[] unsigned(float[] parts, int most, MemorySegment blocks, long offset) {
    return of(parts, most, 0, most, blocks, offset);
  }

  /// Writes the common scale of `parts` and returns what is left of each, from `least`, which is
  /// negative, to `−least − 1`: the farthest gets `least`.
  static int[] signed(float[] parts, int least, MemorySegment blocks, long offset) {
    return of(parts, least, least, -least - 1, blocks, offset);
  }

  private static int[] of(
      float[] parts, int farthest, int least, int most, MemorySegment blocks, long offset) {
    float scale = BlockWeights.farthest(parts, 0, parts.length) / farthest;
    float inverse = BlockWeights.inverse(scale);
    Bytes.putHalf(blocks, offset, scale);
    int[] left = new int[parts.length];
    for (int part = 0; part < parts.length; part++) {
      left[part] = BlockWeights.clamp((int) Math.rint(parts[part] * inverse), least, most);
    }
    return left;
  }
}
