package dev.lengthwise.evaluate;

import java.util.function.Consumer;

/// A way to judge a model under a method.
public interface Task {

  /// Name on the command line.
  String name();

  /// Tokens that [#run] reads, for progress displays.
  long cost(Axes axes);

  /// Measures.
  ///
  /// @param sink gets each number as soon as it is known
  /// @param progress gets the number of tokens read since it was last called
  void run(Subject subject, Axes axes, Consumer<Measurement> sink, Progress progress);

  /// Hears how much was done.
  @FunctionalInterface
  interface Progress {

    /// `tokens` more have been read.
    void advance(long tokens);
  }
}
