package dev.lengthwise.app.command;

import dev.lengthwise.bench.Benchmark;
import dev.lengthwise.bench.Work;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;

/// One measurement by llama.cpp, which times itself: starting and loading do not count.
final class LlamaRun implements Benchmark {

  private final Work work;
  private final DoubleSupplier measurement;
  private double seconds;

  /// @param tokens that are read or written
  /// @param measurement runs it and gives its seconds
  LlamaRun(int tokens, DoubleSupplier measurement) {
    this.work = new Work(tokens, 0, 0);
    this.measurement = measurement;
  }

  @Override
  public Work work() {
    return work;
  }

  @Override
  public void run() {
    seconds = measurement.getAsDouble();
  }

  @Override
  public OptionalDouble ownSeconds() {
    return OptionalDouble.of(seconds);
  }
}
