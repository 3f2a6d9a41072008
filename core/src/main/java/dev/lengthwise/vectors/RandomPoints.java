package dev.lengthwise.vectors;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;

/// Random points, in which hubs appear as the dimension grows.
public enum RandomPoints {
  /// Independent standard normal coordinates.
  GAUSSIAN,
  /// Independent coordinates in `[0, 1)`.
  UNIFORM;

  /// Some points.
  ///
  /// @param arena that keeps them
  public VectorTable of(int count, int dimension, long seed, Arena arena) {
    SplittableRandom random = new SplittableRandom(seed);
    VectorTable table = VectorTable.allocate(arena, count, dimension);
    for (int row = 0; row < count; row++) {
      float[] numbers = new float[dimension];
      for (int n = 0; n < dimension; n++) {
        numbers[n] =
            switch (this) {
              case GAUSSIAN -> (float) random.nextGaussian();
              case UNIFORM -> random.nextFloat();
            };
      }
      table.put(row, numbers);
    }
    return table;
  }
}
