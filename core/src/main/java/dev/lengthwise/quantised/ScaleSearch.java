package dev.lengthwise.quantised;

/// Finds the scale `d` at which weights lie nearest to `d` times some whole levels.
///
/// Of every candidate the levels that the weights would get are found, and for those levels the
/// scale of least squares, `d = Σ w² q w / Σ w² q²`: errors count by the square of the weight,
/// because large weights matter more. The candidate with the least error wins, which is the one
/// with the greatest `(Σ w² q w)² / Σ w² q²`.
///
/// @param levels the level nearest to a scaled weight
/// @param extreme the level at which the candidate in the middle puts the farthest weight
/// @param step distance between candidates, in levels
/// @param steps candidates on either side of the middle
record ScaleSearch(Levels levels, double extreme, double step, int steps) {

  /// Weights below this are zero: their scale would be nothing in half precision.
  private static final float NOTHING = 1e-15f;

  /// A set of whole numbers that a block can store.
  @FunctionalInterface
  interface Levels {

    /// The member that is nearest to `value`.
    int nearest(float value);
  }

  /// The best scale of `count` weights; 0 where they are all zero.
  float of(float[] values, int at, int count) {
    float farthest = BlockWeights.farthest(values, at, count);
    if (Math.abs(farthest) < NOTHING) {
      return 0;
    }
    double best = 0;
    double bestQuality = 0;
    for (int candidate = -steps; candidate <= steps; candidate++) {
      double inverse = (extreme + candidate * step) / farthest;
      double product = 0;
      double square = 0;
      for (int i = at; i < at + count; i++) {
        double weight = values[i];
        int level = levels.nearest((float) (weight * inverse));
        product += weight * weight * level * weight;
        square += weight * weight * level * level;
      }
      if (square > 0 && product * product > bestQuality * square) {
        best = product / square;
        bestQuality = product * best;
      }
    }
    return (float) best;
  }
}
