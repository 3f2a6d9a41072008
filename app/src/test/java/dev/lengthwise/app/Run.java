package dev.lengthwise.app;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;

/// One command as a user sees it.
///
/// @param status exit status
/// @param out what it wrote to standard output
/// @param err what it wrote to standard error
public record Run(int status, String out, String err) {

  /// Runs a command line without any environment.
  public static Run of(String... arguments) {
    return of(Map.of(), arguments);
  }

  /// Runs a command line on a text as standard input.
  public static Run withInput(String input, String... arguments) {
    InputStream processIn = System.in;
    try {
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      return of(arguments);
    } finally {
      System.setIn(processIn);
    }
  }

  /// Runs a command line; standard output and error are those of the process meanwhile.
  public static Run of(Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream processOut = System.out;
    PrintStream processErr = System.err;
    try (PrintStream newOut = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream newErr = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      System.setOut(newOut);
      System.setErr(newErr);
      CommandLine line = Main.commandLine(environment, arguments);
      line.setOut(new PrintWriter(newOut, true, StandardCharsets.UTF_8))
          .setErr(new PrintWriter(newErr, true, StandardCharsets.UTF_8));
      int status = line.execute(arguments);
      return new Run(
          status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(processOut);
      System.setErr(processErr);
    }
  }
}
