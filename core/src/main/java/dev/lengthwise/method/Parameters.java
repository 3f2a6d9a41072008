package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The parameters that a user gave to one method: `key=value,…`, and the length aimed at.
///
/// Only the spelling of values is checked here; their ranges are checked by the methods themselves,
/// so that a checkpoint and a command line meet the same rules.
public final class Parameters {

  /// The word for a number that is not there.
  static final String NONE = "none";

  private static final Pattern WHOLE = Pattern.compile("[-+]?\\d+");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");

  private final MethodType type;
  private final Map<String, String> values;
  private final OptionalLong targetLength;

  private Parameters(MethodType type, Map<String, String> values, OptionalLong targetLength) {
    this.type = type;
    this.values = values;
    this.targetLength = targetLength;
  }

  /// No parameters: every one is left to its default.
  ///
  /// @param targetLength tokens of the longest text to come, where that is known
  public static Parameters none(MethodType type, OptionalLong targetLength) {
    return new Parameters(type, Map.of(), targetLength);
  }

  /// Reads `key=value,…`.
  ///
  /// @param targetLength tokens of the longest text to come, where that is known
  /// @throws LengthwiseException when a key is unknown, twice there or without a value
  public static Parameters parse(MethodType type, String text, OptionalLong targetLength) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : text.split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        throw new LengthwiseException(
            "expected key=value after '%s:', found '%s' (%s)"
                .formatted(type.name(), pair, type.keyList()));
      }
      String key = pair.substring(0, equals).strip();
      if (find(type, key) == null) {
        throw new LengthwiseException(
            "%s does not know the key '%s' (%s)".formatted(type.name(), key, type.keyList()));
      }
      if (values.put(key, pair.substring(equals + 1).strip()) != null) {
        throw new LengthwiseException(
            "%s has the key '%s' twice; give it once".formatted(type.name(), key));
      }
    }
    return new Parameters(type, values, targetLength);
  }

  /// The length aimed at, where that is known.
  public OptionalLong targetLength() {
    return targetLength;
  }

  /// The whole number of `key`, or `fallback`.
  public long tokens(String key, long fallback) {
    String value = value(key, MethodParameter.Kind.TOKENS);
    return value == null ? fallback : whole(key, MethodParameter.Kind.TOKENS, value);
  }

  /// The whole number of `key`, nothing for the word `none`, or `fallback`.
  public OptionalLong tokensOrNone(String key, long fallback) {
    String value = value(key, MethodParameter.Kind.TOKENS_OR_NONE);
    if (value == null) {
      return OptionalLong.of(fallback);
    }
    return value.equals(NONE)
        ? OptionalLong.empty()
        : OptionalLong.of(whole(key, MethodParameter.Kind.TOKENS_OR_NONE, value));
  }

  private long whole(String key, MethodParameter.Kind kind, String value) {
    if (!WHOLE.matcher(value).matches()) {
      throw unreadable(key, kind.expectation(), value);
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException tooLong) {
      throw unreadable(key, "a whole number of at most " + Checks.MOST_TOKENS, value);
    }
  }

  /// The decimal number of `key`, where one was given.
  public OptionalDouble number(String key) {
    String value = value(key, MethodParameter.Kind.NUMBER);
    if (value == null) {
      return OptionalDouble.empty();
    }
    if (!DECIMAL.matcher(value).matches()) {
      throw unreadable(key, MethodParameter.Kind.NUMBER.expectation(), value);
    }
    return OptionalDouble.of(Double.parseDouble(value));
  }

  /// The decimal number of `key`, or `fallback`.
  public double number(String key, double fallback) {
    return number(key).orElse(fallback);
  }

  /// The decimal numbers of `key`, or an empty list where none were given.
  public List<Double> numbers(String key) {
    String value = value(key, MethodParameter.Kind.NUMBERS);
    if (value == null) {
      return List.of();
    }
    List<Double> numbers = new ArrayList<>();
    for (String part : value.split(";", -1)) {
      if (!DECIMAL.matcher(part.strip()).matches()) {
        throw unreadable(key, MethodParameter.Kind.NUMBERS.expectation(), value);
      }
      numbers.add(Double.valueOf(part.strip()));
    }
    return numbers;
  }

  /// The word of `key`, or the first of its words.
  public String word(String key) {
    MethodParameter parameter = parameter(key, MethodParameter.Kind.WORD);
    String value = values.getOrDefault(key, parameter.words().getFirst());
    if (!parameter.words().contains(value)) {
      throw unreadable(key, "one of " + String.join(", ", parameter.words()), value);
    }
    return value;
  }

  /// The flag of `key`, or `fallback`.
  public boolean flag(String key, boolean fallback) {
    String value = value(key, MethodParameter.Kind.FLAG);
    if (value == null) {
      return fallback;
    }
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw unreadable(key, MethodParameter.Kind.FLAG.expectation(), value);
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

  private LengthwiseException unreadable(String key, String expected, String found) {
    return new LengthwiseException(
        "%s: %s must be %s, found '%s' (%s)"
            .formatted(type.name(), key, expected, found, type.keyList()));
  }

  private @Nullable String value(String key, MethodParameter.Kind kind) {
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
