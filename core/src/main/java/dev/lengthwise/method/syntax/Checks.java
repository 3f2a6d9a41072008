package dev.lengthwise.method.syntax;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.MethodText;
import dev.lengthwise.position.ModelShape;

/// Ranges of parameters. A value out of its range came from a command line or from a checkpoint, so
/// its message is for the user.
public final class Checks {

  /// The largest number of tokens that a parameter may name: exact as a `double`, and far from any
  /// overflow when parameters are added or multiplied.
  static final long MOST_TOKENS = 1L << 40;

  private Checks() {}

  /// Refuses a number of tokens below `least` or beyond all sense.
  public static void tokens(String method, String key, long value, long least) {
    if (value < least || value > MOST_TOKENS) {
      throw new LengthwiseException(
          "%s: %s must be a whole number from %d to %d, found %d"
              .formatted(method, key, least, MOST_TOKENS, value));
    }
  }

  /// Refuses odd numbers.
  public static void even(String method, String key, long value) {
    if (value % 2 != 0) {
      throw new LengthwiseException(
          "%s: %s must be an even number, found %d".formatted(method, key, value));
    }
  }

  /// Refuses numbers below `least`, and those that are not finite.
  public static void atLeast(String method, String key, double value, double least) {
    if (!(value >= least) || value == Double.POSITIVE_INFINITY) {
      throw new LengthwiseException(
          "%s: %s must be a finite number of at least %s, found %s"
              .formatted(method, key, MethodText.number(least), MethodText.number(value)));
    }
  }

  /// Refuses numbers that are not positive and finite.
  public static void positive(String method, String key, double value) {
    if (!(value > 0) || value == Double.POSITIVE_INFINITY) {
      throw new LengthwiseException(
          "%s: %s must be a finite number above 0, found %s"
              .formatted(method, key, MethodText.number(value)));
    }
  }

  /// Refuses numbers outside `[least, most]`.
  public static void between(String method, String key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new LengthwiseException(
          "%s: %s must be a number from %s to %s, found %s"
              .formatted(
                  method,
                  key,
                  MethodText.number(least),
                  MethodText.number(most),
                  MethodText.number(value)));
    }
  }

  /// Refuses a lower bound that is not below the upper one.
  public static void below(String method, String lowKey, double low, String highKey, double high) {
    if (!(low < high)) {
      throw new LengthwiseException(
          "%s: %s must be below %s, found %s and %s"
              .formatted(method, lowKey, highKey, MethodText.number(low), MethodText.number(high)));
    }
  }

  /// Refuses models whose frequencies a method cannot change because they have none.
  public static void rotary(String method, ModelShape shape) {
    if (!shape.hasRotary()) {
      throw new LengthwiseException(
          "%s changes rotary frequencies, and this model has no rotary positions; choose a method that changes which keys are seen, such as lm-infinite, streaming-llm or window"
              .formatted(method));
    }
  }
}
