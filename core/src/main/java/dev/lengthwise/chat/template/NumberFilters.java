package dev.lengthwise.chat.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Filters that compute with numbers.
final class NumberFilters {

  private static final List<String> DECIMAL =
      List.of("kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB");
  private static final List<String> BINARY =
      List.of("KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB");
  private static final int MOST_DIGITS = 300;

  private NumberFilters() {}

  /// The filter of that name, if it is one of these.
  static Filters.@Nullable Filter find(String name) {
    return switch (name) {
      case "abs" -> NumberFilters::absolute;
      case "round" -> NumberFilters::round;
      case "filesizeformat" -> NumberFilters::size;
      default -> null;
    };
  }

  private static Value absolute(Value subject, Arguments arguments, Runtime runtime) {
    Comparison.requireDefined(subject);
    return subject instanceof Value.Real real
        ? new Value.Real(Math.abs(real.value()))
        : new Value.Int(Arithmetic.whole(subject).abs());
  }

  private static Value round(Value subject, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("round", 0, "precision", "method");
    Comparison.requireDefined(subject);
    int digits = Math.clamp(bound.whole(0, 0), -MOST_DIGITS, MOST_DIGITS);
    String method = bound.text(1, "common").string();
    double number = Arithmetic.toDouble(subject);
    double factor = Math.pow(10, digits);
    return switch (method) {
      case "common" ->
          subject instanceof Value.Real ? rounded(number, digits) : rounded(subject, digits);
      case "ceil" -> new Value.Real(Math.ceil(number * factor) / factor);
      case "floor" -> new Value.Real(Math.floor(number * factor) / factor);
      default ->
          throw TemplateFailure.of(
              "'round' has the methods common, ceil and floor, found '%s'", method);
    };
  }

  private static Value rounded(double number, int digits) {
    return Double.isFinite(number)
        ? new Value.Real(
            Math.copySign(
                new BigDecimal(number).setScale(digits, RoundingMode.HALF_EVEN).doubleValue(),
                number))
        : new Value.Real(number);
  }

  private static Value rounded(Value subject, int digits) {
    BigInteger number = Arithmetic.whole(subject);
    return new Value.Int(
        digits >= 0
            ? number
            : new BigDecimal(number).setScale(digits, RoundingMode.HALF_EVEN).toBigInteger());
  }

  private static Value size(Value subject, Arguments arguments, Runtime runtime) {
    boolean binary = arguments.bind("filesizeformat", 0, "binary").flag(0, false);
    double bytes =
        subject instanceof Text text
            ? Conversions.real(text.string())
                .map(Value.Real::value)
                .orElseThrow(() -> TemplateFailure.of("'%s' is no size of a file", text))
            : Arithmetic.toDouble(subject);
    double base = binary ? 1024 : 1000;
    if (bytes == 1) {
      return Text.own("1 Byte");
    } else if (bytes < base) {
      return Text.own((long) bytes + " Bytes");
    }
    List<String> units = binary ? BINARY : DECIMAL;
    int unit = 0;
    double left = bytes / base;
    while (left >= base && unit + 1 < units.size()) {
      left /= base;
      unit++;
    }
    return Text.own(String.format(Locale.ROOT, "%.1f %s", left, units.get(unit)));
  }
}
