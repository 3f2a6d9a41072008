package dev.lengthwise.report;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Progress as text: on a terminal one line that is rewritten, elsewhere (a log file) a line every
/// ten seconds.
///
/// ```text
/// yarn, 4,096 tokens  ━━━━━━━━━───────────  45%  1,843 / 4,096  12 s left
/// ```
final class TerminalProgress implements Progress {

  private static final Duration REWRITE_EVERY = Duration.ofMillis(100);
  private static final Duration PRINT_EVERY = Duration.ofSeconds(10);
  private static final int BAR_WIDTH = 20;
  private static final int LINE_WIDTH = 79;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream output;
  private final boolean interactive;
  private final InstantSource clock;
  private @Nullable Task task;
  private long done;
  private Instant nextPrint = Instant.MIN;
  private boolean lineShown;

  private record Task(String name, long total, Instant started) {}

  /// Progress on `output`, with lines rewritten in place when it is `interactive`.
  public TerminalProgress(PrintStream output, boolean interactive, InstantSource clock) {
    this.output = output;
    this.interactive = interactive;
    this.clock = clock;
  }

  @Override
  public synchronized void start(String name, long total) {
    Instant now = clock.instant();
    task = new Task(name, total, now);
    done = 0;
    if (interactive) {
      print(now);
    } else if (nextPrint.equals(Instant.MIN)) {
      nextPrint = now.plus(PRINT_EVERY); // short work leaves no line in a log
    }
  }

  @Override
  public synchronized void advance(long steps) {
    done = steps;
    Instant now = clock.instant();
    if (!now.isBefore(nextPrint)) {
      print(now);
    }
  }

  @Override
  public synchronized void close() {
    if (lineShown) {
      output.print(CLEAR_LINE);
      output.flush();
    }
    lineShown = false;
    task = null;
  }

  private void print(Instant now) {
    Task current = task;
    if (current == null) {
      return;
    }
    String line = describe(current, now);
    if (interactive) {
      String fitting = line.length() > LINE_WIDTH ? line.substring(0, LINE_WIDTH) : line;
      output.print(CLEAR_LINE + fitting);
      output.flush();
      lineShown = true;
      nextPrint = now.plus(REWRITE_EVERY);
    } else {
      output.println(line);
      nextPrint = now.plus(PRINT_EVERY);
    }
  }

  private String describe(Task current, Instant now) {
    Duration elapsed = Duration.between(current.started(), now);
    if (current.total() <= 0) {
      return current.name() + "  " + Numbers.count(done) + "  " + time(elapsed);
    }
    double share = Math.clamp((double) done / current.total(), 0.0, 1.0);
    String line =
        current.name()
            + (interactive ? "  " + bar(share) : "")
            + "  "
            + (int) (share * 100)
            + "%  "
            + Numbers.count(done)
            + " / "
            + Numbers.count(current.total());
    if (share == 0 || share == 1) {
      return line;
    }
    double remaining = elapsed.toMillis() / share * (1 - share);
    return line + "  " + time(Duration.ofMillis((long) remaining)) + " left";
  }

  private static String bar(double share) {
    int full = (int) Math.round(share * BAR_WIDTH);
    return "━".repeat(full) + "─".repeat(BAR_WIDTH - full);
  }

  private static String time(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600
        ? seconds / 60 + " min " + seconds % 60 + " s"
        : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
  }
}
