package dev.lengthwise.family;

import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/// Writes the text of a position method as the command line does: `name:key=value,…`.
final class MethodTerm {

  private static final double EXACT_WHOLE = 1e15;

  private final String name;
  private final StringJoiner pairs = new StringJoiner(",");

  MethodTerm(String name) {
    this.name = name;
  }

  MethodTerm with(String key, String value) {
    pairs.add(key + "=" + value);
    return this;
  }

  MethodTerm with(String key, long value) {
    return with(key, Long.toString(value));
  }

  MethodTerm with(String key, double value) {
    return with(key, number(value));
  }

  /// A list: its numbers with semicolons between.
  MethodTerm with(String key, List<Double> values) {
    return with(key, values.stream().map(MethodTerm::number).collect(Collectors.joining(";")));
  }

  /// The number that `settings` have under `from`, where they have it.
  MethodTerm withOptional(String key, Settings settings, String from) {
    return settings.has(from) ? with(key, settings.number(from)) : this;
  }

  /// The shortest decimal that reads back as the same number; whole numbers without a point.
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < EXACT_WHOLE
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  @Override
  public String toString() {
    return pairs.length() == 0 ? name : name + ":" + pairs;
  }
}
