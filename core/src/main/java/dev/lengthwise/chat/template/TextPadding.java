package dev.lengthwise.chat.template;

/// Filling texts up to a width.
final class TextPadding {

  private TextPadding() {}

  /// The result of `text.name(width, fillchar)`.
  static Text call(String name, Text text, Arguments arguments, Budget budget) {
    return switch (name) {
      case "zfill" -> zeros(text, arguments.bind(name, 1, "width").whole(0), budget);
      case "expandtabs" -> tabs(text, arguments.bind(name, 0, "tabsize").whole(0, 8), budget);
      default -> {
        Arguments.Bound bound = arguments.bind(name, 1, "width", "fillchar");
        Text fill = bound.text(1, " ");
        if (fill.size() != 1) {
          throw TemplateFailure.of("'%s' fills with a single character", name);
        }
        int missing = Math.max(0, bound.whole(0) - text.size());
        yield switch (name) {
          case "ljust" -> padded(text, 0, missing, fill, budget);
          case "rjust" -> padded(text, missing, 0, fill, budget);
          default -> centred(text, bound.whole(0), fill, budget);
        };
      }
    };
  }

  /// The text in the middle of `width` characters. Where the blanks are odd in number, the odd one
  /// is on the left if the width is odd, as in Python.
  static Text centred(Text text, int width, Text fill, Budget budget) {
    int missing = Math.max(0, width - text.size());
    int left = missing / 2 + (missing & width & 1);
    return padded(text, left, missing - left, fill, budget);
  }

  /// The text with characters before and after it.
  static Text padded(Text text, int before, int after, Text fill, Budget budget) {
    budget.requireCharacters((long) before + after);
    Text.Builder padded = new Text.Builder(budget);
    for (int i = 0; i < before; i++) {
      padded.add(fill);
    }
    padded.add(text);
    for (int i = 0; i < after; i++) {
      padded.add(fill);
    }
    return padded.build().withSafety(text.isSafe());
  }

  private static Text zeros(Text text, int width, Budget budget) {
    int missing = Math.max(0, width - text.size());
    budget.requireCharacters(missing);
    boolean signed = text.string().startsWith("-") || text.string().startsWith("+");
    int sign = signed ? 1 : 0;
    Text.Builder filled = new Text.Builder(budget).add(text, 0, sign);
    for (int i = 0; i < missing; i++) {
      filled.own("0");
    }
    return filled.add(text, sign, text.string().length()).build().withSafety(text.isSafe());
  }

  private static Text tabs(Text text, int size, Budget budget) {
    Text.Builder expanded = new Text.Builder(budget);
    int column = 0;
    int end;
    for (int at = 0; at < text.string().length(); at = end) {
      end = text.string().offsetByCodePoints(at, 1);
      char unit = text.string().charAt(at);
      if (unit == '\t') {
        int blanks = size > 0 ? size - column % size : 0;
        for (int i = 0; i < blanks; i++) {
          expanded.own(" ");
        }
        column += blanks;
      } else {
        expanded.add(text, at, end);
        column = unit == '\n' || unit == '\r' ? 0 : column + 1;
      }
    }
    return expanded.build();
  }
}
