package dev.lengthwise.app;

import dev.lengthwise.LengthwiseException;
import java.util.function.Supplier;

/// Values of options that a record refused.
final class Usage {

  private Usage() {}

  /// What `maker` makes; a refused value becomes a sentence for the user.
  static <T> T checked(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      throw new LengthwiseException("An option has a wrong value: " + e.getMessage(), e);
    }
  }

  /// `value`, which must be positive.
  static int positive(int value, String option) {
    if (value <= 0) {
      throw new LengthwiseException(option + " must be positive, found " + value);
    }
    return value;
  }
}
