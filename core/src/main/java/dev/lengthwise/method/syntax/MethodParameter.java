package dev.lengthwise.method.syntax;

import java.util.List;

/// One parameter that a method takes on the command line.
///
/// @param name its key
/// @param kind what a value looks like
/// @param defaultText the value without it, in words
/// @param meaning what it does, in one phrase
/// @param words the values of a parameter of kind [Kind#WORD]
public record MethodParameter(
    String name, Kind kind, String defaultText, String meaning, List<String> words) {

  /// What values look like.
  public enum Kind {
    /// A whole number of tokens.
    TOKENS("a whole number"),
    /// A whole number of tokens, or the word `none`.
    TOKENS_OR_NONE("a whole number or none"),
    /// A decimal number.
    NUMBER("a decimal number"),
    /// Decimal numbers with semicolons between.
    NUMBERS("decimal numbers with semicolons between"),
    /// One of a few words.
    WORD("a word"),
    /// `true` or `false`.
    FLAG("true or false");

    private final String expectation;

    Kind(String expectation) {
      this.expectation = expectation;
    }

    /// The kind in words, for messages and help.
    public String expectation() {
      return expectation;
    }
  }

  /// Checks that every text says something.
  public MethodParameter {
    if (name.isBlank() || defaultText.isBlank() || meaning.isBlank()) {
      throw new IllegalArgumentException("a parameter needs a name, a default and a meaning");
    }
    words = List.copyOf(words);
  }

  /// A whole number of tokens.
  public static MethodParameter tokens(String name, String defaultText, String meaning) {
    return new MethodParameter(name, Kind.TOKENS, defaultText, meaning, List.of());
  }

  /// A whole number of tokens, or `none`.
  public static MethodParameter tokensOrNone(String name, String defaultText, String meaning) {
    return new MethodParameter(name, Kind.TOKENS_OR_NONE, defaultText, meaning, List.of());
  }

  /// A decimal number.
  public static MethodParameter number(String name, String defaultText, String meaning) {
    return new MethodParameter(name, Kind.NUMBER, defaultText, meaning, List.of());
  }

  /// A list of decimal numbers.
  public static MethodParameter numbers(String name, String defaultText, String meaning) {
    return new MethodParameter(name, Kind.NUMBERS, defaultText, meaning, List.of());
  }

  /// One of `words`, of which the first is the default.
  public static MethodParameter word(String name, String meaning, List<String> words) {
    return new MethodParameter(name, Kind.WORD, words.getFirst(), meaning, words);
  }

  /// `true` or `false`.
  public static MethodParameter flag(String name, boolean defaultValue, String meaning) {
    return new MethodParameter(
        name, Kind.FLAG, Boolean.toString(defaultValue), meaning, List.of("true", "false"));
  }

  /// The factor of a method that stretches positions once and for all: [MethodArguments#factor].
  public static MethodParameter stretch() {
    return number(
        "factor",
        "target length / trained length, rounded up, where a target length is known; else required",
        "how many times the trained length is wanted");
  }

  /// The length that frequencies were trained at.
  public static MethodParameter original() {
    return tokens("original", "the trained length", "tokens that the frequencies were trained for");
  }
}
