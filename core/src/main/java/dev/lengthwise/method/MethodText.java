package dev.lengthwise.method;

import java.util.StringJoiner;

/// Writes a method as the command line does: `name:key=value,…`.
final class MethodText {

  private static final double EXACT_WHOLE = 1e15;

  private final String name;
  private final StringJoiner pairs = new StringJoiner(",");

  private MethodText(String name) {
    this.name = name;
  }

  static MethodText of(String name) {
    return new MethodText(name);
  }

  MethodText with(String key, long value) {
    return with(key, Long.toString(value));
  }

  MethodText with(String key, double value) {
    return with(key, number(value));
  }

  MethodText with(String key, String value) {
    pairs.add(key + "=" + value);
    return this;
  }

  /// The shortest decimal that reads back as the same number.
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < EXACT_WHOLE
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  @Override
  public String toString() {
    return name + ":" + pairs;
  }
}
