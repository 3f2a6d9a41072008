package dev.lengthwise.bench;

import java.util.OptionalDouble;

/// Something whose time is measured again and again.
public interface Benchmark extends AutoCloseable {

  /// The work of one [#run].
  Work work();

  /// What must be ready before [#run], such as a filled cache; not timed.
  default void before() {}

  /// What is timed.
  void run();

  /// The seconds of the last [#run] where it timed itself; else its caller's clock counts.
  default OptionalDouble ownSeconds() {
    return OptionalDouble.empty();
  }

  /// Releases what [#before] made; not timed.
  default void after() {}

  /// Releases what the benchmark holds for all its runs.
  @Override
  default void close() {}
}
