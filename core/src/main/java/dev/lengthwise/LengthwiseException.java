package dev.lengthwise;

import org.jspecify.annotations.Nullable;

/// A failure that the user or a file caused: its message is one sentence for the user that says
/// what went wrong, where, what was expected, what was found, and what to do. The command line
/// prints the message alone and ends with status 1.
public final class LengthwiseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// A failure with its sentence.
  public LengthwiseException(String message) {
    super(message);
  }

  /// A failure with its sentence and the exception below it, which is shown only with `--verbose`.
  public LengthwiseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
