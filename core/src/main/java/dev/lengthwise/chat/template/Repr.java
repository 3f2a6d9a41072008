package dev.lengthwise.chat.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;

/// Python's `str` and `repr`: how a value looks when it is printed.
final class Repr {

  private Repr() {}

  /// The value as it is printed: a text as it is, nothing for what is not there.
  static Text text(Value value, Budget budget) {
    if (value instanceof Text text) {
      return text;
    } else if (value instanceof Value.Undefined) {
      return Text.EMPTY;
    }
    Text.Builder out = new Text.Builder(budget);
    append(value, out, budget);
    return out.build();
  }

  /// The value as it looks inside a list: a text in quotes.
  static Text repr(Value value, Budget budget) {
    Text.Builder out = new Text.Builder(budget);
    append(value, out, budget);
    return out.build();
  }

  private static void append(Value value, Text.Builder out, Budget budget) {
    budget.enter();
    switch (value) {
      case Value.Undefined undefined -> out.own("Undefined");
      case Value.None none -> out.own("None");
      case Value.Bool bool -> out.own(bool.value() ? "True" : "False");
      case Value.Int number -> out.own(number.value().toString());
      case Value.Real real -> out.own(real(real.value()));
      case Text text -> {
        out.own(text.isSafe() ? "Markup(" : "");
        quoted(text, out);
        out.own(text.isSafe() ? ")" : "");
      }
      case Value.Listing list -> elements(list.elements(), "[", "]", out, budget);
      case Value.Tuple tuple ->
          elements(tuple.elements(), "(", tuple.elements().size() == 1 ? ",)" : ")", out, budget);
      case Dict dict -> entries(dict, out, budget);
      case Value.View view ->
          elements(view.dict().part(view.part()), name(view) + "([", "])", out, budget);
      case Value.Range range -> out.own(range(range));
      case GeneratorValue generator -> out.own("<generator object>");
      case Namespace namespace -> {
        out.own("<Namespace ");
        entries(Dict.ofNamed(namespace.attributes()), out, budget);
        out.own(">");
      }
      case Value.Function function -> out.own("<function " + function.name() + ">");
      case LoopState loop ->
          out.own("<LoopContext %d/%d>".formatted(loop.index() + 1, loop.length()));
    }
    budget.leave();
  }

  /// The type of a view, as Python calls it.
  static String name(Value.View view) {
    return "dict_" + view.part().name().toLowerCase(Locale.ROOT);
  }

  private static String range(Value.Range range) {
    long stop = range.stop();
    return range.step() == 1
        ? "range(%d, %d)".formatted(range.start(), stop)
        : "range(%d, %d, %d)".formatted(range.start(), stop, range.step());
  }

  private static void elements(
      List<Value> elements, String open, String close, Text.Builder out, Budget budget) {
    out.own(open);
    String separator = "";
    for (Value element : elements) {
      out.own(separator);
      append(element, out, budget);
      separator = ", ";
    }
    out.own(close);
  }

  private static void entries(Dict dict, Text.Builder out, Budget budget) {
    out.own("{");
    String separator = "";
    for (Dict.Entry entry : dict.entries()) {
      out.own(separator);
      append(entry.key(), out, budget);
      out.own(": ");
      append(entry.value(), out, budget);
      separator = ", ";
    }
    out.own("}");
  }

  private static void quoted(Text text, Text.Builder out) {
    String string = text.string();
    char quote = string.indexOf('\'') >= 0 && string.indexOf('"') < 0 ? '"' : '\'';
    out.own(String.valueOf(quote));
    int end;
    for (int at = 0; at < string.length(); at = end) {
      end = string.offsetByCodePoints(at, 1);
      out.like(text, at, escaped(string.codePointAt(at), quote));
    }
    out.own(String.valueOf(quote));
  }

  private static String escaped(int character, char quote) {
    return switch (character) {
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> {
        if (character == quote) {
          yield "\\" + quote;
        } else if (Characters.isPrintable(character)) {
          yield Character.toString(character);
        }
        yield (character < 0x100 ? "\\x%02x" : character < 0x10000 ? "\\u%04x" : "\\U%08x")
            .formatted(character);
      }
    };
  }

  /// A float as Python writes it: the shortest digits, with an exponent below 1e-4 and from 1e16.
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    } else if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    } else if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = shortest(value);
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent < -4 || exponent >= 16) {
      return scientific(shortest, exponent);
    }
    String plain = shortest.toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }

  // Java gives two digits at least, where one may do for the smallest numbers.
  private static BigDecimal shortest(double value) {
    BigDecimal digit = new BigDecimal(value).round(new MathContext(1));
    return digit.doubleValue() == value
        ? digit.stripTrailingZeros()
        : new BigDecimal(Double.toString(value)).stripTrailingZeros();
  }

  private static String scientific(BigDecimal shortest, int exponent) {
    String digits = shortest.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return (shortest.signum() < 0 ? "-" : "")
        + mantissa
        + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
