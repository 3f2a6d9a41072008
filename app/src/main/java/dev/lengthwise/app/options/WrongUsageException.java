package dev.lengthwise.app.options;

/// Options that cannot be used, or not together: the message says which, and the command ends with
/// the status of wrong usage.
public final class WrongUsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// A sentence for the user.
  public WrongUsageException(String message) {
    super(message);
  }
}
