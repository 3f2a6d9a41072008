package dev.lengthwise.attention.vector;

import dev.lengthwise.position.Branch;
import dev.lengthwise.position.DistanceBias;
import dev.lengthwise.position.PositionMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Biases of the relative positions that occur in a branch: computed once in double, kept as floats
/// in units of `log 2`, shared by all layers, threads and steps.
///
/// What it returns never depends on what it holds: when it is full it is emptied.
final class DistanceTables {

  private static final long MAXIMUM_FLOATS = 1L << 26;
  private static final int LEAST_STEPS = 256;
  private static final double LOG2_E = 1 / Math.log(2);

  /// The relative positions of a branch: `first + n · step`, `n = 0, 1, …`. They need not be whole:
  /// leaky ReRoPE has steps of `1/k`.
  ///
  /// @param first below `step`
  record Steps(double first, double step) {

    // Positions are quotients and differences of doubles.
    private static final double TOLERANCE = 1e-6;

    /// The steps of `branch`. Maps other than quotients give whole numbers, plus an offset.
    static Steps of(Branch branch) {
      double step = Math.min(stepOf(branch.query()), stepOf(branch.key()));
      step = step == Double.POSITIVE_INFINITY ? 1 : step;
      double start = branch.relativePosition(0, 0);
      double first = start - Math.floor(start / step + TOLERANCE) * step;
      return new Steps(Math.max(0, first), step);
    }

    private static double stepOf(PositionMap map) {
      return switch (map) {
        case PositionMap.Divided(double divisor, _) -> 1 / divisor;
        case PositionMap.Fixed _ -> Double.POSITIVE_INFINITY;
        case PositionMap.Grouped _,
            PositionMap.Chunked _,
            PositionMap.Capped _,
            PositionMap.Listed _ ->
            1;
      };
    }

    /// The `n` of a relative position, 0 for negative ones; −1 where it is none of these.
    int of(double relative) {
      double n = Math.rint((relative - first) / step);
      if (n < 0) {
        return 0;
      }
      boolean met = Math.abs(first + n * step - relative) <= TOLERANCE && n < MAXIMUM_FLOATS;
      return met ? (int) n : -1;
    }
  }

  private record Key(DistanceBias bias, Steps steps) {}

  private final ConcurrentMap<Key, float[][]> tables = new ConcurrentHashMap<>();

  /// The biases of all heads for steps from the last to the first, then zeros for a tile of keys
  /// behind their query: a run of keys is a run of the table.
  ///
  /// @param heads query heads
  /// @param count steps that are needed at least
  /// @return for each head `[steps + KEYS]`: step `n` is at index `steps − 1 − n`
  float[][] of(DistanceBias bias, Steps steps, int heads, int count) {
    Key key = new Key(bias, steps);
    float[][] known = tables.get(key);
    if (known != null && stepsOf(known) >= count) {
      return known;
    }
    int enough = Math.max(LEAST_STEPS, Integer.highestOneBit(Math.max(1, count - 1)) * 2);
    if (tables.size() * (long) heads * enough > MAXIMUM_FLOATS) {
      tables.clear();
    }
    float[][] computed = compute(bias, steps, heads, enough);
    tables.put(key, computed);
    return computed;
  }

  /// The steps that a table holds.
  static int stepsOf(float[][] table) {
    return table[0].length - AttentionKernels.KEYS;
  }

  private static float[][] compute(DistanceBias bias, Steps steps, int heads, int count) {
    float[][] table = new float[heads][count + AttentionKernels.KEYS];
    for (int head = 0; head < heads; head++) {
      for (int n = 0; n < count; n++) {
        double relative = steps.first() + n * steps.step();
        table[head][count - 1 - n] = (float) (bias.at(head, relative) * LOG2_E);
      }
    }
    return table;
  }
}
