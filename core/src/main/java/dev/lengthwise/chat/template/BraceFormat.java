package dev.lengthwise.chat.template;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `format.format(values)`: places in braces.
final class BraceFormat {

  private static final Pattern NAME =
      Pattern.compile("^([^.\\[]*)((?:\\.[^.\\[]+|\\[[^\\]]+\\])*)$");
  private static final Pattern STEP = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");
  private static final Pattern SPECIFICATION =
      Pattern.compile(
          "(?:(?<fill>.)?(?<align>[<>^=]))?(?<sign>[-+"
              + " ])?(?<alternate>#)?(?<zero>0)?(?<width>\\d{0,5})"
              + "(?<grouping>[,_])?(?:\\.(?<precision>\\d{1,4}))?(?<form>[sdxXobeEfFgG%])?",
          Pattern.DOTALL);

  private final Arguments arguments;
  private final Runtime runtime;
  private final boolean safe;
  private int next;

  private BraceFormat(boolean safe, Arguments arguments, Runtime runtime) {
    this.safe = safe;
    this.arguments = arguments;
    this.runtime = runtime;
  }

  /// The text with its places filled.
  static Text apply(Text format, Arguments arguments, Runtime runtime) {
    return new BraceFormat(format.isSafe(), arguments, runtime).fill(format, 2);
  }

  private Text fill(Text format, int levels) {
    if (levels == 0) {
      throw new TemplateFailure("the braces of a format are nested too deep");
    }
    String string = format.string();
    Text.Builder filled = new Text.Builder(runtime.budget());
    int at = 0;
    while (at < string.length()) {
      char unit = string.charAt(at);
      boolean brace = unit == '{' || unit == '}';
      if (brace && at + 1 < string.length() && string.charAt(at + 1) == unit) {
        filled.add(format, at, at + 1);
        at += 2;
      } else if (unit == '{') {
        int end = closing(string, at);
        filled.add(place(format.cut(at + 1, end), levels));
        at = end + 1;
      } else if (unit == '}') {
        throw new TemplateFailure("a '}' in a format closes nothing");
      } else {
        filled.add(format, at, at + 1);
        at++;
      }
    }
    return filled.build();
  }

  private static int closing(String format, int open) {
    int depth = 0;
    for (int at = open; at < format.length(); at++) {
      depth += format.charAt(at) == '{' ? 1 : format.charAt(at) == '}' ? -1 : 0;
      if (depth == 0) {
        return at;
      }
    }
    throw new TemplateFailure("a '{' in a format is not closed");
  }

  private Text place(Text place, int levels) {
    String string = place.string();
    int colon = string.indexOf(':');
    String head = colon < 0 ? string : string.substring(0, colon);
    int mark = head.indexOf('!');
    Value value = value(mark < 0 ? head : head.substring(0, mark));
    String conversion = mark < 0 ? "" : head.substring(mark + 1);
    if (conversion.equals("r") || conversion.equals("a")) {
      value = Repr.repr(value, runtime.budget());
    } else if (conversion.equals("s")) {
      value = Repr.text(value, runtime.budget());
    } else if (!conversion.isEmpty()) {
      throw TemplateFailure.of("a format has no conversion '!%s'", conversion);
    }
    Text specification =
        colon < 0 ? Text.EMPTY : fill(place.cut(colon + 1, string.length()), levels - 1);
    Text text =
        specification.isEmpty()
            ? Repr.text(value, runtime.budget())
            : formatted(value, specification.string());
    return safe ? text.escaped(runtime.budget()) : text;
  }

  private Value value(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw TemplateFailure.of("'{%s}' is no place in a format", name);
    }
    Value value = argument(parts.group(1));
    Matcher steps = STEP.matcher(parts.group(2));
    while (steps.find()) {
      value =
          steps.group(1) != null
              ? Attributes.attribute(value, steps.group(1))
              : Attributes.element(value, key(steps.group(2)), runtime.budget());
      Comparison.requireDefined(value);
    }
    return value;
  }

  private static Value key(String key) {
    return key.matches("\\d{1,9}") ? Value.Int.of(Integer.parseInt(key)) : Text.own(key);
  }

  private Value argument(String name) {
    List<Value> positional = arguments.positional();
    if (name.isEmpty() || name.matches("\\d{1,9}")) {
      int at = name.isEmpty() ? next++ : Integer.parseInt(name);
      if (at >= positional.size()) {
        throw TemplateFailure.of("a format has no value for place %d", at);
      }
      return positional.get(at);
    }
    Value value = arguments.named().get(name);
    if (value == null) {
      throw TemplateFailure.of("a format has no value '%s'", name);
    }
    return value;
  }

  private Text formatted(Value value, String specification) {
    Matcher parts = SPECIFICATION.matcher(specification);
    if (!parts.matches()) {
      throw TemplateFailure.of("'%s' is no form of a value", specification);
    }
    int width = parts.group("width").isEmpty() ? 0 : Integer.parseInt(parts.group("width"));
    String align = parts.group("align");
    boolean number = Comparison.isNumber(value) && !"s".equals(parts.group("form"));
    boolean zeros = number && ("=".equals(align) || (align == null && parts.group("zero") != null));
    Text text = number ? number(value, parts, zeros ? width : 0) : text(value, parts);
    int missing = Math.max(0, width - text.size());
    int before =
        switch (align == null ? (number ? ">" : "<") : align) {
          case "<" -> 0;
          case "^" -> missing / 2;
          default -> missing;
        };
    String fill = parts.group("fill") == null ? " " : parts.group("fill");
    return TextPadding.padded(text, before, missing - before, Text.own(fill), runtime.budget());
  }

  private Text text(Value value, Matcher parts) {
    Text text = Repr.text(value, runtime.budget());
    int most = parts.group("precision") == null ? text.size() : precision(parts);
    return most < text.size() ? text.cut(0, text.offset(most)) : text;
  }

  private static int precision(Matcher parts) {
    return parts.group("precision") == null ? -1 : Integer.parseInt(parts.group("precision"));
  }

  private static Text number(Value value, Matcher parts, int width) {
    String sign =
        parts.group("sign") == null || parts.group("sign").equals("-") ? "" : parts.group("sign");
    String grouping = parts.group("grouping") == null ? "" : parts.group("grouping");
    NumberFormat format =
        new NumberFormat(
            sign, width, width > 0, precision(parts), parts.group("alternate") != null, grouping);
    String form = parts.group("form");
    boolean real = value instanceof Value.Real;
    if (form == null && real && precision(parts) < 0) {
      double number = Arithmetic.toDouble(value);
      return Text.own((number < 0 ? "" : sign) + Repr.real(number));
    }
    return Text.own(format.of(form == null ? (real ? 'g' : 'd') : form.charAt(0), value));
  }
}
