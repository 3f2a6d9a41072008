package dev.lengthwise.app.terminal;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/// Lines from a terminal, with editing, history and completion by JLine.
final class TerminalInput implements LineInput {

  private static final String CONTINUED = "… ";

  private final Terminal terminal;
  private final LineReader reader;

  private TerminalInput(Terminal terminal, LineReader reader) {
    this.terminal = terminal;
    this.reader = reader;
  }

  static TerminalInput open(List<String> words, Optional<Path> history) {
    try {
      return of(TerminalBuilder.builder().system(true).build(), words, history);
    } catch (IOException e) {
      throw new LengthwiseException("The terminal cannot be used: " + e.getMessage(), e);
    }
  }

  /// Lines of a terminal, which is closed with them.
  static TerminalInput of(Terminal terminal, List<String> words, Optional<Path> history) {
    DefaultParser plain = new DefaultParser(); // quotes and backslashes are what a user writes
    plain.setQuoteChars(new char[0]);
    plain.setEscapeChars(new char[0]);
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(plain)
            .completer(new StringsCompleter(words))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    history.ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
    return new TerminalInput(terminal, builder.build());
  }

  @Override
  public Optional<String> next(String prompt) {
    try {
      return ContinuedLine.of(line(prompt), () -> line(CONTINUED));
    } catch (UserInterruptException e) {
      return Optional.of(""); // Ctrl-C takes back the line, and those that it goes on from
    }
  }

  private @Nullable String line(String prompt) {
    try {
      return reader.readLine(prompt);
    } catch (EndOfFileException e) {
      return null;
    }
  }

  @Override
  public void onInterrupt(Runnable cancel) {
    terminal.handle(Terminal.Signal.INT, _ -> cancel.run());
  }

  @Override
  public void close() {
    try {
      reader.getHistory().save();
      terminal.close();
    } catch (IOException e) {
      throw new LengthwiseException("The history cannot be written: " + e.getMessage(), e);
    }
  }
}
