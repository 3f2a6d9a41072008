package dev.lengthwise.app.terminal;

import java.io.Console;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where lines come from: a terminal with line editing and history, or anything else.
public sealed interface LineInput extends AutoCloseable permits PipedInput, TerminalInput {

  /// A terminal where standard input and output are one, else standard input as it is.
  ///
  /// @param in standard input
  /// @param words what a line may begin with, for completion in a terminal
  /// @param history file that keeps the lines of a terminal from one run to the next
  @SuppressWarnings("SystemConsoleNull") // there is none where jdk.console names another provider
  static LineInput of(InputStream in, List<String> words, Optional<Path> history) {
    Console console = System.console();
    return console != null && console.isTerminal()
        ? TerminalInput.open(words, history)
        : new PipedInput(in);
  }

  /// The next line, empty at the end of the input. A line whose last character is a backslash goes
  /// on in the next one.
  ///
  /// @param prompt what a terminal shows before it
  Optional<String> next(String prompt);

  /// Calls `cancel` when the user presses Ctrl-C from now on while no line is read.
  void onInterrupt(Runnable cancel);

  @Override
  void close();
}
