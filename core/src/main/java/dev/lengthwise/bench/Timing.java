package dev.lengthwise.bench;

import java.util.List;

/// The times of the runs of one benchmark.
///
/// @param seconds one for each run, ascending
public record Timing(List<Double> seconds) {

  /// Sorts the times; there must be one.
  public Timing {
    seconds = seconds.stream().sorted().toList();
    if (seconds.isEmpty()) {
      throw new IllegalArgumentException("a timing needs a run");
    }
  }

  /// The time in the middle; of an even number, the mean of the two.
  public double median() {
    int size = seconds.size();
    return (seconds.get((size - 1) / 2) + seconds.get(size / 2)) / 2;
  }

  /// The shortest time.
  public double least() {
    return seconds.getFirst();
  }

  /// The longest time.
  public double most() {
    return seconds.getLast();
  }
}
