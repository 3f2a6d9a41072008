package dev.lengthwise.quantised;

import dev.lengthwise.LengthwiseException;

/// What every encoder asks of the weights of a block.
final class BlockWeights {

  private BlockWeights() {}

  /// Refuses weights that are not finite.
  static void requireFinite(float[] values, int at, int count) {
    for (int i = at; i < at + count; i++) {
      if (!Float.isFinite(values[i])) {
        throw new LengthwiseException(
            "A weight is %s, expected finite numbers only; the file is damaged or its training diverged."
                .formatted(Float.isNaN(values[i]) ? "not a number" : "infinite"));
      }
    }
  }

  /// The weight that is farthest from zero, with its sign; the first of several.
  static float farthest(float[] values, int at, int count) {
    float farthest = 0;
    for (int i = at; i < at + count; i++) {
      if (Math.abs(values[i]) > Math.abs(farthest)) {
        farthest = values[i];
      }
    }
    return farthest;
  }

  /// `1 / scale`, or 0 where the scale is too small to have a finite inverse.
  static float inverse(float scale) {
    float inverse = 1 / scale;
    return Float.isFinite(inverse) ? inverse : 0;
  }

  static int clamp(int value, int least, int most) {
    return Math.min(Math.max(value, least), most);
  }
}
