package dev.lengthwise.train.optimise;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.parallel.Workers;

/// Checks of the settings in `train.json`.
public final class TrainingSetting {

  private TrainingSetting() {}

  /// Complains where `threads` is no number of threads.
  public static void requireThreads(int threads) {
    require(
        threads > 0 && threads <= Workers.MOST_THREADS,
        "threads",
        threads > 0 ? "at most " + Workers.MOST_THREADS : "at least 1",
        threads);
  }

  /// Complains unless `condition`.
  ///
  /// @param field path of the setting in the file
  /// @param expected what its value must be, in words
  /// @param found the value
  /// @throws LengthwiseException with all of these
  public static void require(boolean condition, String field, String expected, Object found) {
    if (!condition) {
      throw new LengthwiseException(
          "Training setting \"" + field + "\": expected " + expected + ", found " + found + ".");
    }
  }
}
