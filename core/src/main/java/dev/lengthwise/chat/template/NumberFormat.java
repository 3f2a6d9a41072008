package dev.lengthwise.chat.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/// Numbers in a wanted form, for `'%5.2f' % x` and `'{:5.2f}'.format(x)`.
///
/// @param sign what stands before numbers that are not negative: `""`, `"+"` or `" "`
/// @param width the least number of characters
/// @param zeros whether zeros fill up the width
/// @param precision digits; -1 where none are given
/// @param alternate the flag `#`: bases have a prefix
/// @param grouping what stands between groups of three digits; empty for none
record NumberFormat(
    String sign, int width, boolean zeros, int precision, boolean alternate, String grouping) {

  private static final int MOST_PRECISION = 1000;

  NumberFormat {
    if (precision > MOST_PRECISION) {
      throw TemplateFailure.of("a number has more than %d digits after the point", MOST_PRECISION);
    }
  }

  /// A number in a form: one of `d x X o b e E f F g G %`.
  String of(char form, Value number) {
    return switch (form) {
      case 'd' -> whole(Arithmetic.whole(number), 10, "");
      case 'x' -> whole(Arithmetic.whole(number), 16, "0x");
      case 'X' -> whole(Arithmetic.whole(number), 16, "0x").toUpperCase(Locale.ROOT);
      case 'o' -> whole(Arithmetic.whole(number), 8, "0o");
      case 'b' -> whole(Arithmetic.whole(number), 2, "0b");
      default -> real(form, Arithmetic.toDouble(number));
    };
  }

  private String whole(BigInteger number, int base, String prefix) {
    String digits = number.abs().toString(base);
    return filled(number.signum() < 0, alternate ? prefix : "", grouped(digits));
  }

  private String real(char form, double number) {
    boolean negative = number < 0 || (number == 0 && 1 / number < 0);
    if (!Double.isFinite(number)) {
      String name = Double.isNaN(number) ? "nan" : "inf";
      return filled(
          negative, "", Character.isUpperCase(form) ? name.toUpperCase(Locale.ROOT) : name);
    }
    BigDecimal exact = new BigDecimal(Math.abs(number));
    int digits = precision < 0 ? 6 : precision;
    String text =
        switch (form) {
          case 'f', 'F' -> plain(exact, digits);
          case '%' -> plain(exact.movePointRight(2), digits) + "%";
          case 'e', 'E' -> scientific(exact, digits);
          case 'g', 'G' -> general(exact, Math.max(1, digits));
          default -> throw TemplateFailure.of("numbers have no form '%s'", form);
        };
    return filled(negative, "", Character.isUpperCase(form) ? text.toUpperCase(Locale.ROOT) : text);
  }

  private String plain(BigDecimal number, int digits) {
    String text = number.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    int point = text.indexOf('.');
    return point < 0 ? grouped(text) : grouped(text.substring(0, point)) + text.substring(point);
  }

  private static String scientific(BigDecimal number, int digits) {
    BigDecimal rounded = number.round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
    int exponent = number.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    String mantissa =
        rounded.movePointLeft(exponent).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    return mantissa + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private String general(BigDecimal number, int digits) {
    BigDecimal rounded = number.round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = number.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= digits) {
      String text = scientific(number, digits - 1);
      int end = text.indexOf('e');
      return alternate ? text : withoutZeros(text.substring(0, end)) + text.substring(end);
    }
    String text = plain(number, digits - 1 - exponent);
    return alternate ? text : withoutZeros(text);
  }

  private static String withoutZeros(String text) {
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }

  private String grouped(String digits) {
    return grouping.isEmpty() ? digits : digits.replaceAll("(?<=\\d)(?=(?:\\d{3})+$)", grouping);
  }

  private String filled(boolean negative, String prefix, String digits) {
    String before = (negative ? "-" : sign) + prefix;
    int missing = width - before.length() - digits.length();
    return before + (zeros && missing > 0 ? "0".repeat(missing) : "") + digits;
  }
}
