package dev.lengthwise.chat.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Texts and numbers as numbers: Python's `int` and `float`.
final class Conversions {

  private static final int LONGEST = 1000;
  private static final Pattern UNDERSCORES = Pattern.compile("(?<=[0-9a-zA-Z])_(?=[0-9a-zA-Z])");
  private static final Pattern REAL =
      Pattern.compile("[+-]?(?:\\d++\\.?\\d*+|\\.\\d++)(?:[eE][+-]?\\d++)?");

  private Conversions() {}

  /// A float without its fraction.
  static Value.Int truncated(double real) {
    if (!Double.isFinite(real)) {
      throw new TemplateFailure("infinity and NaN are no whole numbers");
    }
    return new Value.Int(new BigDecimal(real).toBigInteger());
  }

  /// The whole number that a text says.
  ///
  /// @param base 2 to 36; `0x`, `0o` and `0b` may stand before digits of theirs
  static Optional<Value.Int> whole(String text, int base) {
    String digits = bare(text).toLowerCase(Locale.ROOT);
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    String prefix =
        switch (base) {
          case 16 -> "0x";
          case 8 -> "0o";
          case 2 -> "0b";
          default -> "";
        };
    if (!prefix.isEmpty() && digits.startsWith(prefix)) {
      digits = digits.substring(2);
    }
    boolean valid = !digits.isEmpty() && digits.length() <= LONGEST && base >= 2 && base <= 36;
    if (!valid || !digits.chars().allMatch(digit -> Character.digit(digit, base) >= 0)) {
      return Optional.empty();
    }
    BigInteger number = new BigInteger(digits, base);
    return Optional.of(new Value.Int(negative ? number.negate() : number));
  }

  /// The float that a text says.
  static Optional<Value.Real> real(String text) {
    String digits = bare(text).toLowerCase(Locale.ROOT);
    boolean negative = digits.startsWith("-");
    return switch (digits.replaceFirst("^[+-]", "")) {
      case "inf", "infinity" ->
          Optional.of(
              new Value.Real(negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY));
      case "nan" -> Optional.of(new Value.Real(Double.NaN));
      default ->
          digits.length() <= LONGEST && REAL.matcher(digits).matches()
              ? Optional.of(new Value.Real(Double.parseDouble(digits)))
              : Optional.empty();
    };
  }

  private static String bare(String text) {
    String stripped = TextParts.strip(Text.own(text), null, true, true).string();
    return stripped.length() > 2 * LONGEST
        ? stripped
        : UNDERSCORES.matcher(stripped).replaceAll("");
  }
}
