package dev.lengthwise;

import org.jspecify.annotations.Nullable;

/// A failure that the user or a file caused: its message is one sentence for the user that says
/// what went wrong, where, what was expected, what was found, and what to do. The command line
/// prints the message alone and ends with status 1.
public final class LengthwiseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  // Sentences quote what was found, and a damaged file may hold megabytes in place of a number.
  private static final int LONGEST = 3_000;
  private static final int BEGIN = 2_000;
  private static final int END = 500;

  /// A failure with its sentence.
  public LengthwiseException(String message) {
    super(cut(message));
  }

  /// A failure with its sentence and the exception below it, which is shown only with `--verbose`.
  public LengthwiseException(String message, @Nullable Throwable cause) {
    super(cut(message), cause);
  }

  private static String cut(String message) {
    int length = message.length();
    return length <= LONGEST
        ? message
        : "%s … (%,d characters) … %s"
            .formatted(
                message.substring(0, BEGIN), length - BEGIN - END, message.substring(length - END));
  }
}
