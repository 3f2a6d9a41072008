package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/// Ends a training after its step, with what it writes then, when the process is asked to end:
/// Ctrl-C, or SIGTERM as service managers and containers send it. A second one ends it at once.
///
/// Without it the process is taken down while libtorch computes, and may crash.
final class StopSignals implements AutoCloseable {

  /// What each adds to 128 in the status of a process that it ended.
  private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15);

  private final Path run;
  private final Path stop;
  private final @Nullable Object beforeInterrupt;
  private final @Nullable Object beforeTerminate;
  private volatile int status;

  /// Listens until [#close].
  ///
  /// @param run the folder of the training; where there is none yet, nothing is lost by an end at
  ///     once
  StopSignals(Path run) {
    this.run = run;
    stop = run.resolve("stop");
    beforeInterrupt = Signals.register("INT", () -> asked("INT"));
    beforeTerminate = Signals.register("TERM", () -> asked("TERM"));
  }

  private synchronized void asked(String signal) {
    boolean again = status != 0;
    status = 128 + NUMBERS.getOrDefault(signal, 0);
    if (again || !Files.isDirectory(run)) {
      System.exit(status);
    }
    System.err.println("Stopping after this step; a second Ctrl-C or SIGTERM ends at once.");
    try {
      Files.createFile(stop);
    } catch (IOException e) {
      System.exit(status);
    }
  }

  /// The status with which the process should end: 0 where nobody asked it to stop.
  int status() {
    return status;
  }

  /// Listens no more. A stop that came after the last step is forgotten.
  @Override
  public void close() {
    Signals.unregister("INT", beforeInterrupt);
    Signals.unregister("TERM", beforeTerminate);
    try {
      if (status != 0) {
        Files.deleteIfExists(stop);
      }
    } catch (IOException e) {
      throw new LengthwiseException(
          "File %s cannot be deleted: %s; delete it, or the next training here stops at once."
              .formatted(stop, FileReason.of(e)),
          e);
    }
  }
}
