package dev.lengthwise.app.command;

import dev.lengthwise.hub.PullProgress;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Locale;

/// A line that shows how far a file has come, written over itself; a new one for each file.
final class TransferBar implements PullProgress, AutoCloseable {

  private static final int WIDTH = 24;
  private static final long MILLISECONDS_BETWEEN = 200;

  private final PrintStream out;
  private final InstantSource clock;
  private String path = "";
  private long first;
  private long start;
  private long shown;
  private boolean open;

  TransferBar(PrintStream out, InstantSource clock) {
    this.out = out;
    this.clock = clock;
  }

  @Override
  public void accept(String file, long done, long size) {
    long now = clock.millis();
    if (!file.equals(path)) {
      close();
      path = file;
      first = done;
      start = now;
      shown = now - MILLISECONDS_BETWEEN;
    }
    if (now - shown >= MILLISECONDS_BETWEEN || done == size) {
      out.print("\r" + line(done, size, now - start));
      out.flush();
      shown = now;
      open = true;
    }
  }

  private String line(long done, long size, long milliseconds) {
    double share = size == 0 ? 1 : (double) done / size;
    int filled = (int) Math.round(share * WIDTH);
    return String.format(
        Locale.ROOT,
        "[%s%s] %3.0f %%  %.1f of %.1f MB  %.1f MB/s  %s",
        "#".repeat(filled),
        ".".repeat(WIDTH - filled),
        100 * Math.floor(share * 100) / 100, // 100 only when all is there
        done / 1e6,
        size / 1e6,
        (done - first) / 1e3 / Math.max(1, milliseconds),
        path);
  }

  /// Ends the line.
  @Override
  public void close() {
    if (open) {
      out.println();
      open = false;
    }
  }
}
