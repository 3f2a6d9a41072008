package dev.lengthwise.experiment;

/// How much an experiment does.
public enum Scale {
  /// What is reported: within about 30 minutes on two processors.
  FULL,
  /// What is reported, and readings of a million tokens in place of an eighth of it.
  LONG,
  /// Everything once, in seconds: shows that it runs, and its numbers mean nothing.
  TINY;

  /// The first of two values, the second at tiny scale.
  public <T> T choose(T full, T tiny) {
    return switch (this) {
      case FULL, LONG -> full;
      case TINY -> tiny;
    };
  }
}
