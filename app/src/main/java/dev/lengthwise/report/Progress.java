package dev.lengthwise.report;

import java.time.InstantSource;

/// Tells a waiting user how far the work is. Calls are cheap: an implementation decides what it
/// shows. Implementations may be called from several threads.
public interface Progress extends AutoCloseable {

  /// A progress that shows nothing.
  Progress NONE =
      new Progress() {
        @Override
        public void start(String task, long total) {}

        @Override
        public void advance(long done) {}

        @Override
        public void close() {}
      };

  /// Begins a task of `total` steps (0 when the number is unknown), in place of the one before.
  void start(String task, long total);

  /// Says that `done` steps of the task are finished.
  void advance(long done);

  /// Ends the task and clears the line.
  @Override
  void close();

  /// Progress on standard error, or none when `quiet`. The launcher says in the system property
  /// `lengthwise.interactive` whether standard error is a terminal: Java itself cannot tell.
  static Progress standardError(boolean quiet) {
    return quiet
        ? NONE
        : new TerminalProgress(
            System.err, Boolean.getBoolean("lengthwise.interactive"), InstantSource.system());
  }
}
