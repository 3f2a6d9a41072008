package dev.lengthwise.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

final class TerminalProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final HandClock clock = new HandClock();

  @Test
  void aTerminalLineIsRewrittenAndClearedAtTheEnd() {
    try (Progress progress = progress(true)) {
      progress.start("yarn", 4000);
      clock.pass(Duration.ofSeconds(10));
      progress.advance(1000);
      clock.pass(Duration.ofMillis(50));
      progress.advance(1001); // too soon to show
    }
    assertThat(output().split("\r\u001b\\[K", -1))
        .containsExactly(
            "",
            "yarn  " + "─".repeat(20) + "  0%  0 / 4,000",
            "yarn  " + "━".repeat(5) + "─".repeat(15) + "  25%  1,000 / 4,000  30 s left",
            "");
  }

  @Test
  void aLogGetsALineEveryTenSeconds() {
    try (Progress progress = progress(false)) {
      progress.start("rope", 100);
      for (int second = 1; second <= 25; second++) {
        clock.pass(Duration.ofSeconds(1));
        progress.advance(second);
      }
    }
    assertThat(output().lines())
        .containsExactly(
            "rope  10%  10 / 100  1 min 30 s left", "rope  20%  20 / 100  1 min 20 s left");
  }

  @Test
  void shortWorkLeavesNoLineInALog() {
    try (Progress progress = progress(false)) {
      progress.start("rope", 100);
      progress.advance(100);
    }
    assertThat(output()).isEmpty();
  }

  @Test
  void anUnknownTotalShowsTheCount() {
    try (Progress progress = progress(false)) {
      progress.start("tokens", 0);
      clock.pass(Duration.ofSeconds(75));
      progress.advance(12_345);
    }
    assertThat(output().strip()).isEqualTo("tokens  12,345  1 min 15 s");
  }

  private Progress progress(boolean interactive) {
    return new TerminalProgress(new PrintStream(bytes, true, UTF_8), interactive, clock);
  }

  private String output() {
    return bytes.toString(UTF_8);
  }

  private static final class HandClock implements InstantSource {
    private Instant now = Instant.EPOCH;

    void pass(Duration duration) {
      now = now.plus(duration);
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
