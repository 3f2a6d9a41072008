package dev.lengthwise.method.syntax;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.ParameterValue;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The parameters that a user or a checkpoint gave to one method, and the length aimed at.
///
/// Only the kinds of values are checked here; their ranges are checked by the methods themselves,
/// so that a checkpoint and a command line meet the same rules.
public final class MethodArguments {

  /// The word for a number that is not there.
  public static final String NONE = "none";

  /// The largest number up to which every whole number is a `double`.
  private static final double MOST_EXACT = 1L << 53;

  private final MethodType type;
  private final Map<String, ParameterValue> values;
  private final OptionalLong targetLength;

  private MethodArguments(
      MethodType type, Map<String, ParameterValue> values, OptionalLong targetLength) {
    this.type = type;
    this.values = values;
    this.targetLength = targetLength;
  }

  /// The parameters of a term; every other one is left to its default.
  ///
  /// @param targetLength tokens of the longest text to come, where that is known
  /// @throws LengthwiseException when a key is unknown
  public static MethodArguments of(MethodType type, MethodTerm term, OptionalLong targetLength) {
    for (String key : term.parameters().keySet()) {
      if (find(type, key) == null) {
        throw new LengthwiseException(
            "%s does not know the key '%s' (%s)".formatted(type.name(), key, type.keyList()));
      }
    }
    return new MethodArguments(type, term.parameters(), targetLength);
  }

  /// The length aimed at, where that is known.
  public OptionalLong targetLength() {
    return targetLength;
  }

  /// The whole number of `key`, or `fallback`.
  public long tokens(String key, long fallback) {
    ParameterValue value = value(key, MethodParameter.Kind.TOKENS);
    return value == null ? fallback : whole(key, MethodParameter.Kind.TOKENS, value);
  }

  /// The whole number of `key`, nothing for the word `none`, or `fallback`.
  public OptionalLong tokensOrNone(String key, long fallback) {
    ParameterValue value = value(key, MethodParameter.Kind.TOKENS_OR_NONE);
    if (value == null) {
      return OptionalLong.of(fallback);
    }
    return value.text().equals(NONE)
        ? OptionalLong.empty()
        : OptionalLong.of(whole(key, MethodParameter.Kind.TOKENS_OR_NONE, value));
  }

  private long whole(String key, MethodParameter.Kind kind, ParameterValue value) {
    if (!(value instanceof ParameterValue.Decimal(double number)) || number != Math.rint(number)) {
      throw unreadable(key, kind.expectation(), value);
    }
    if (Math.abs(number) > MOST_EXACT) {
      throw unreadable(key, "a whole number of at most " + Checks.MOST_TOKENS, value);
    }
    return (long) number;
  }

  /// The decimal number of `key`, where one was given.
  public OptionalDouble number(String key) {
    return switch (value(key, MethodParameter.Kind.NUMBER)) {
      case null -> OptionalDouble.empty();
      case ParameterValue.Decimal(double number) -> OptionalDouble.of(number);
      case ParameterValue other ->
          throw unreadable(key, MethodParameter.Kind.NUMBER.expectation(), other);
    };
  }

  /// The decimal number of `key`, or `fallback`.
  public double number(String key, double fallback) {
    return number(key).orElse(fallback);
  }

  /// The decimal numbers of `key`, or an empty list where none were given.
  public List<Double> numbers(String key) {
    return switch (value(key, MethodParameter.Kind.NUMBERS)) {
      case null -> List.of();
      case ParameterValue.Decimal(double number) -> List.of(number);
      case ParameterValue.Decimals(List<Double> numbers) -> numbers;
      case ParameterValue other ->
          throw unreadable(key, MethodParameter.Kind.NUMBERS.expectation(), other);
    };
  }

  /// The word of `key`, or the first of its words.
  public String word(String key) {
    MethodParameter parameter = parameter(key, MethodParameter.Kind.WORD);
    ParameterValue value = values.get(key);
    if (value == null) {
      return parameter.words().getFirst();
    }
    if (!parameter.words().contains(value.text())) {
      throw unreadable(key, "one of " + String.join(", ", parameter.words()), value);
    }
    return value.text();
  }

  /// The flag of `key`, or `fallback`.
  public boolean flag(String key, boolean fallback) {
    return switch (value(key, MethodParameter.Kind.FLAG)) {
      case null -> fallback;
      case ParameterValue.Flag(boolean flag) -> flag;
      case ParameterValue other ->
          throw unreadable(key, MethodParameter.Kind.FLAG.expectation(), other);
    };
  }

  /// The stretch factor: the key `factor`, or else the target length divided by `original`, rounded
  /// up to a whole number of at least 1.
  ///
  /// @throws LengthwiseException when neither a factor nor a target length is known
  public double factor(long original) {
    return number("factor").orElseGet(() -> factorForTarget(original));
  }

  private double factorForTarget(long original) {
    if (targetLength.isEmpty()) {
      throw new LengthwiseException(
          "%s needs a factor, the target length divided by the trained length of %d: for instance %s:factor=8"
              .formatted(type.name(), original, type.name()));
    }
    return Math.max(1, Math.ceilDiv(targetLength.getAsLong(), Math.max(1, original)));
  }

  private LengthwiseException unreadable(String key, String expected, ParameterValue found) {
    return new LengthwiseException(
        "%s: %s must be %s, found '%s' (%s)"
            .formatted(type.name(), key, expected, found.text(), type.keyList()));
  }

  private @Nullable ParameterValue value(String key, MethodParameter.Kind kind) {
    parameter(key, kind);
    return values.get(key);
  }

  private MethodParameter parameter(String key, MethodParameter.Kind kind) {
    MethodParameter parameter = find(type, key);
    if (parameter == null || parameter.kind() != kind) {
      throw new IllegalArgumentException(type.name() + " declares no " + kind + " " + key);
    }
    return parameter;
  }

  private static @Nullable MethodParameter find(MethodType type, String key) {
    for (MethodParameter parameter : type.parameters()) {
      if (parameter.name().equals(key)) {
        return parameter;
      }
    }
    return null;
  }
}
