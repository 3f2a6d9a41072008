package dev.lengthwise.chat.template;

/// The escapes of Python's string literals, such as `\n` and `\u00e9`.
final class Escapes {

  private Escapes() {}

  /// The text that a literal without its quotes stands for; an unknown escape stays as it is.
  static String decode(String literal) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < literal.length()) {
      char unit = literal.charAt(at);
      if (unit == '\\' && at + 1 < literal.length()) {
        at = escape(literal, at + 1, text);
      } else {
        text.append(unit);
        at++;
      }
    }
    return text.toString();
  }

  // Decodes the escape whose letter is at `at`, and says where it ends.
  private static int escape(String literal, int at, StringBuilder text) {
    char letter = literal.charAt(at);
    String simple =
        switch (letter) {
          case '\n' -> "";
          case '\\', '\'', '"' -> String.valueOf(letter);
          case 'a' -> "\u0007";
          case 'b' -> "\b";
          case 'f' -> "\f";
          case 'n' -> "\n";
          case 'r' -> "\r";
          case 't' -> "\t";
          case 'v' -> "\u000b";
          default -> null;
        };
    if (simple != null) {
      text.append(simple);
      return at + 1;
    }
    return switch (letter) {
      case 'x' -> hexadecimal(literal, at + 1, 2, text);
      case 'u' -> hexadecimal(literal, at + 1, 4, text);
      case 'U' -> hexadecimal(literal, at + 1, 8, text);
      case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(literal, at, text);
      default -> {
        text.append('\\').append(letter);
        yield at + 1;
      }
    };
  }

  private static int hexadecimal(String literal, int from, int digits, StringBuilder text) {
    int end = from + digits;
    int code = 0;
    for (int i = from; i < end; i++) {
      int digit = i < literal.length() ? Character.digit(literal.charAt(i), 16) : -1;
      if (digit < 0) {
        throw TemplateFailure.of(
            "the escape '\\%s' needs %d hexadecimal digits", literal.charAt(from - 1), digits);
      }
      code = 16 * code + digit;
    }
    if (!Character.isValidCodePoint(code)) {
      throw TemplateFailure.of("the escape '\\U%08x' is no character", code);
    }
    text.appendCodePoint(code);
    return end;
  }

  private static int octal(String literal, int from, StringBuilder text) {
    int end = from;
    int code = 0;
    while (end < Math.min(from + 3, literal.length())
        && Character.digit(literal.charAt(end), 8) >= 0) {
      code = 8 * code + Character.digit(literal.charAt(end), 8);
      end++;
    }
    text.append((char) code);
    return end;
  }
}
