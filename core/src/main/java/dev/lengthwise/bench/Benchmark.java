package dev.lengthwise.bench;

/// Something whose time is measured again and again.
public interface Benchmark extends AutoCloseable {

  /// The work of one [#run].
  Work work();

  /// What must be ready before [#run], such as a filled cache; not timed.
  default void before() {}

  /// What is timed.
  void run();

  /// Releases what [#before] made; not timed.
  default void after() {}

  /// Releases what the benchmark holds for all its runs.
  @Override
  default void close() {}
}
