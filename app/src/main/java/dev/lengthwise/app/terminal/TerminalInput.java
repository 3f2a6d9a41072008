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
      Terminal terminal = TerminalBuilder.builder().system(true).build();
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
    } catch (IOException e) {
      throw new LengthwiseException("The terminal cannot be used: " + e.getMessage(), e);
    }
  }

  @Override
  public Optional<String> next(String prompt) {
    try {
      String line = reader.readLine(prompt);
      if (!line.endsWith("\\")) {
        return Optional.of(line);
      }
      String begin = line.substring(0, line.length() - 1);
      return Optional.of(next(CONTINUED).map(rest -> begin + "\n" + rest).orElse(begin));
    } catch (UserInterruptException e) {
      return Optional.of(""); // Ctrl-C takes back the line
    } catch (EndOfFileException e) {
      return Optional.empty();
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
