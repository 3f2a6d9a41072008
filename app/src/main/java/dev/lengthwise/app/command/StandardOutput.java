package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import java.io.PrintStream;

/// Text that is shown as it comes.
final class StandardOutput {

  private StandardOutput() {}

  /// Shows a piece at once.
  ///
  /// @throws LengthwiseException when nobody can read it: the rest need not be written either
  static void print(PrintStream out, String piece) {
    out.print(piece);
    out.flush();
    if (out.checkError()) {
      throw new LengthwiseException(
          "Standard output cannot be written: its disk is full or its reader has gone away");
    }
  }
}
