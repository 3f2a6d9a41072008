package dev.lengthwise.app;

/// Options that cannot be used, or not together: the message says which, and the command ends with
/// the status of wrong usage.
final class WrongUsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  WrongUsageException(String message) {
    super(message);
  }
}
