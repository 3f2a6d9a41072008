package dev.lengthwise.position;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The value of one parameter of a [MethodTerm]. What [#text] writes, [#read] reads back as an
/// equal value.
public sealed interface ParameterValue {

  /// A number.
  ///
  /// @param value finite; −0 becomes 0
  record Decimal(double value) implements ParameterValue {

    /// Checks the number.
    public Decimal {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("a number of a method must be finite, found " + value);
      }
      value += 0.0;
    }
  }

  /// Numbers, for instance one for each rotary pair.
  ///
  /// @param values at least one, all finite
  record Decimals(List<Double> values) implements ParameterValue {

    /// Checks and copies the numbers.
    public Decimals {
      if (values.isEmpty()) {
        throw new IllegalArgumentException("a list of a method must hold at least one number");
      }
      values = values.stream().map(value -> new Decimal(value).value).toList();
    }
  }

  /// `true` or `false`.
  record Flag(boolean value) implements ParameterValue {}

  /// Any other text: one of a few words, or what a user wrote by mistake.
  ///
  /// @param word without blanks and commas, and nothing that reads as a value of another kind
  record Word(String word) implements ParameterValue {

    /// Checks the word.
    public Word {
      MethodText.requirePlain("the value of a parameter", word, ",");
      if (!isWord(word)) {
        throw new IllegalArgumentException("'" + word + "' is a number or a truth value, no word");
      }
    }
  }

  /// The value that a text stands for: a truth value, a number, numbers with semicolons between, or
  /// else a word.
  ///
  /// @throws IllegalArgumentException when it is a word with blanks or commas
  static ParameterValue read(String text) {
    if (text.equals("true") || text.equals("false")) {
      return new Flag(text.equals("true"));
    }
    if (MethodText.isNumber(text)) {
      return new Decimal(Double.parseDouble(text));
    }
    return isList(text)
        ? new Decimals(
            Arrays.stream(text.split(MethodText.SEPARATOR)).map(Double::valueOf).toList())
        : new Word(text);
  }

  private static boolean isList(String text) {
    String[] parts = text.split(MethodText.SEPARATOR);
    return text.contains(MethodText.SEPARATOR)
        && parts.length > 0
        && Arrays.stream(parts).map(String::strip).allMatch(MethodText::isNumber);
  }

  private static boolean isWord(String text) {
    return !text.equals("true")
        && !text.equals("false")
        && !MethodText.isNumber(text)
        && !isList(text);
  }

  /// The value as the command line writes it.
  default String text() {
    return switch (this) {
      case Decimal(double value) -> MethodText.number(value);
      case Decimals(List<Double> values) ->
          values.size() == 1
              ? MethodText.number(values.getFirst()) + MethodText.SEPARATOR
              : values.stream()
                  .map(MethodText::number)
                  .collect(Collectors.joining(MethodText.SEPARATOR));
      case Flag(boolean value) -> Boolean.toString(value);
      case Word(String word) -> word;
    };
  }
}
