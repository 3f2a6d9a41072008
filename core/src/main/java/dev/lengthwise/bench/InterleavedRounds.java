package dev.lengthwise.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/// Runs benchmarks in turns: every round runs each of them once, so that a machine that becomes
/// slower or faster meanwhile does so for all of them.
///
/// @param repetitions rounds that count; one more comes before them, as a warm-up
/// @param nanoseconds the clock
public record InterleavedRounds(int repetitions, LongSupplier nanoseconds) {

  /// Checks the number of rounds.
  public InterleavedRounds {
    if (repetitions <= 0) {
      throw new IllegalArgumentException("repetitions must be positive: " + repetitions);
    }
  }

  /// Times all benchmarks.
  ///
  /// @param progress gets the number of runs so far, of `(repetitions + 1) · benchmarks.size()`
  /// @return the times, one for each benchmark
  public List<Timing> measure(List<? extends Benchmark> benchmarks, LongConsumer progress) {
    List<List<Double>> seconds = new ArrayList<>();
    benchmarks.forEach(_ -> seconds.add(new ArrayList<>()));
    long runs = 0;
    for (int round = 0; round <= repetitions; round++) {
      for (int index = 0; index < benchmarks.size(); index++) {
        double time = time(benchmarks.get(index));
        if (round > 0) {
          seconds.get(index).add(time);
        }
        progress.accept(++runs);
      }
    }
    return seconds.stream().map(Timing::new).toList();
  }

  /// Times one run of a benchmark, without any before it.
  public Timing once(Benchmark benchmark) {
    return new Timing(List.of(time(benchmark)));
  }

  private double time(Benchmark benchmark) {
    benchmark.before();
    try {
      long start = nanoseconds.getAsLong();
      benchmark.run();
      double seconds = (nanoseconds.getAsLong() - start) * 1e-9;
      return benchmark.ownSeconds().orElse(seconds);
    } finally {
      benchmark.after();
    }
  }
}
