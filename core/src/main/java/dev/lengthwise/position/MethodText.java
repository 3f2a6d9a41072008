package dev.lengthwise.position;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The text of a method, as the command line has it:
///
///     NAME[:key=value,…][+NAME…][ over NAME…]
///
/// Blanks around names, keys and values do not count. Every value reads back as it was, numbers to
/// the last bit.
public final class MethodText {

  /// A plus before a letter: that of an exponent, `1e+6`, stays.
  private static final Pattern PLUS = Pattern.compile("\\+(?=\\s*[A-Za-z])");

  /// Digits as people write them: no hexadecimal numbers, no `NaN`, no suffix as in `8f`.
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");

  /// Between the numbers of a list, and behind an only one.
  static final String SEPARATOR = ";";

  private static final Pattern BLANK = Pattern.compile("\\s");
  private static final Pattern OVER = Pattern.compile("\\s+over\\s+");
  private static final double EXACT_WHOLE = 1e15;

  private MethodText() {}

  /// The value that a text stands for. Which names and keys there are is not checked here.
  ///
  /// @throws MethodSyntaxException when the text is not written as a method is
  public static MethodValue read(String text) {
    String[] parts = OVER.split(text, 2);
    MethodValue top =
        new MethodValue(
            Arrays.stream(PLUS.split(parts[0], -1)).map(MethodText::term).toList(),
            Optional.empty());
    return parts.length == 1 ? top : top.over(read(parts[1]));
  }

  private static MethodTerm term(String text) {
    int colon = text.indexOf(':');
    String name = (colon < 0 ? text : text.substring(0, colon)).strip();
    try {
      MethodTerm term = new MethodTerm(name);
      if (colon >= 0) {
        for (String pair : text.substring(colon + 1).split(",", -1)) {
          term = with(term, pair);
        }
      }
      return term;
    } catch (IllegalArgumentException e) {
      throw new MethodSyntaxException(name, String.valueOf(e.getMessage()), e);
    }
  }

  private static MethodTerm with(MethodTerm term, String pair) {
    int equals = pair.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException(
          "expected key=value after '%s:', found '%s'".formatted(term.name(), pair.strip()));
    }
    String key = pair.substring(0, equals).strip();
    if (term.has(key)) {
      throw new IllegalArgumentException(
          "%s has the key '%s' twice; give it once".formatted(term.name(), key));
    }
    return term.with(key, pair.substring(equals + 1).strip());
  }

  static String write(MethodValue value) {
    String terms = value.terms().stream().map(MethodText::write).collect(Collectors.joining("+"));
    return value.under().map(under -> terms + " over " + write(under)).orElse(terms);
  }

  private static String write(MethodTerm term) {
    return term.parameters().isEmpty()
        ? term.name()
        : term.parameters().entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + parameter.getValue().text())
            .collect(Collectors.joining(",", term.name() + ":", ""));
  }

  static boolean isNumber(String text) {
    return DECIMAL.matcher(text).matches() && Double.isFinite(Double.parseDouble(text));
  }

  /// The shortest decimal that reads back as the same number; whole numbers without a point.
  public static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < EXACT_WHOLE
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /// Refuses what would not read back: blanks, `forbidden`, and a plus before a letter.
  static void requirePlain(String what, String text, String forbidden) {
    if (text.contains(forbidden) || BLANK.matcher(text).find() || PLUS.matcher(text).find()) {
      throw new IllegalArgumentException(
          "%s must be without blanks, '%s' and '+', found '%s'".formatted(what, forbidden, text));
    }
  }
}
