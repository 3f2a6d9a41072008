package dev.lengthwise.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// Matrices of every type with random weights, at addresses that are aligned for nothing.
public final class RandomWeights {

  private RandomWeights() {}

  /// A matrix with weights around zero.
  public static WeightMatrix of(WeightType type, int rows, int columns, long seed, Arena arena) {
    long bytes = rows * type.bytes(columns);
    MemorySegment data = arena.allocate(bytes + 1, 64).asSlice(1, bytes);
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[type.blockSize()];
    for (long block = 0; block < bytes / type.blockBytes(); block++) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      type.encode(values, data.asSlice(block * type.blockBytes(), type.blockBytes()));
    }
    return new WeightMatrix(type, rows, columns, data);
  }

  /// Random rows of activations.
  public static FloatRows activations(int count, int columns, long seed, Arena arena) {
    FloatRows rows = FloatRows.allocate(arena, count, columns);
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < (long) count * columns; i++) {
      rows.memory().setAtIndex(Memory.FLOAT, i, (float) random.nextGaussian());
    }
    return rows;
  }

  /// The floats of `rows`.
  public static float[] values(FloatRows rows) {
    return rows.memory().toArray(Memory.FLOAT);
  }
}
