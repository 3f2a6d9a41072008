package dev.lengthwise.app.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a user types at a terminal, key by key.
@Timeout(60)
class TerminalInputTest {

  private static final String ENTER = "\r";
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";

  private final PipedInputStream keys = new PipedInputStream();
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

  private static void type(OutputStream keyboard, String keys) throws IOException {
    keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
    keyboard.flush();
  }

  // The terminal takes Ctrl-C for the line that it shows.
  private void awaitOnScreen(String text) throws InterruptedException {
    while (!screen.toString(StandardCharsets.UTF_8).contains(text)) {
      Thread.sleep(5);
    }
  }

  private TerminalInput input() throws IOException {
    return TerminalInput.of(
        new ExternalTerminal("test", "ansi", keys, screen, StandardCharsets.UTF_8),
        List.of("/help"),
        Optional.empty());
  }

  private String typed(String first, String second) throws Exception {
    try (PipedOutputStream keyboard = new PipedOutputStream(keys);
        TerminalInput input = input();
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<Optional<String>> line = thread.submit(() -> input.next("> "));
      awaitOnScreen("> ");
      type(keyboard, first);
      awaitOnScreen("… ");
      type(keyboard, second);
      return line.get().orElseThrow();
    }
  }

  @Test
  void aBackslashGoesOnInTheNextLine() throws Exception {
    assertThat(typed("one\\" + ENTER, "two" + ENTER)).isEqualTo("one\ntwo");
  }

  @Test
  void ctrlCTakesBackAllLinesOfAMessage() throws Exception {
    assertThat(typed("one\\" + ENTER, "two" + CTRL_C)).isEmpty();
  }

  @Test
  void ctrlDEndsAMessageInItsLastLine() throws Exception {
    assertThat(typed("one\\" + ENTER, CTRL_D)).isEqualTo("one");
  }
}
