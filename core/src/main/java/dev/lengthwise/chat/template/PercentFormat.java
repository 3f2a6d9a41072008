package dev.lengthwise.chat.template;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `format % values`, as C's `printf`.
final class PercentFormat {

  private static final Pattern PLACE =
      Pattern.compile(
          "%(?:\\((?<key>[^)]*)\\))?(?<flags>[-+"
              + " #0]*)(?<width>\\*|\\d*)(?:\\.(?<precision>\\*|\\d*))?[hlL]?(?<form>.?)",
          Pattern.DOTALL);
  private static final int WIDEST = 100_000;

  private final List<Value> values;
  private final Value named;
  private final Runtime runtime;
  private final boolean safe;
  private int used;

  private PercentFormat(boolean safe, Value given, Runtime runtime) {
    this.safe = safe;
    this.values = given instanceof Value.Tuple tuple ? tuple.elements() : List.of(given);
    this.named = given;
    this.runtime = runtime;
  }

  /// The text with its places filled.
  ///
  /// @param given a tuple of values, a dictionary, or a single value
  static Text apply(Text format, Value given, Runtime runtime) {
    return new PercentFormat(format.isSafe(), given, runtime).fill(format);
  }

  private Text fill(Text format) {
    Text.Builder filled = new Text.Builder(runtime.budget());
    Matcher matcher = PLACE.matcher(format.string());
    int done = 0;
    while (matcher.find()) {
      filled.add(format, done, matcher.start());
      filled.add(place(matcher));
      done = matcher.end();
    }
    if (used < values.size() && !(named instanceof Dict)) {
      throw new TemplateFailure("a format with '%' has fewer places than values");
    }
    return filled.add(format, done, format.string().length()).build().withSafety(safe);
  }

  private Text place(Matcher place) {
    String form = place.group("form");
    if (form.equals("%")) {
      return Text.own("%");
    }
    String flags = place.group("flags");
    int width = number(place.group("width"), 0);
    int precision = number(place.group("precision"), -1);
    Value value = place.group("key") == null ? next() : named(place.group("key"));
    boolean zeros = flags.contains("0") && !flags.contains("-");
    Text text =
        switch (form) {
          case "s" -> shortened(escaped(Repr.text(value, runtime.budget())), precision);
          case "r", "a" -> shortened(escaped(Repr.repr(value, runtime.budget())), precision);
          case "c" -> character(value);
          case "d", "i", "u" -> Text.own(format(flags, width, zeros, -1).of('d', truncated(value)));
          case "x", "X", "o", "e", "E", "f", "F", "g", "G" ->
              Text.own(format(flags, width, zeros, precision).of(form.charAt(0), number(value)));
          default -> throw TemplateFailure.of("'%%%s' is no place for a value", form);
        };
    int missing = Math.max(0, width - text.size());
    boolean left = flags.contains("-");
    Text blank = Text.own(" ");
    return TextPadding.padded(
        text, left ? 0 : missing, left ? missing : 0, blank, runtime.budget());
  }

  private Text escaped(Text text) {
    return safe ? text.escaped(runtime.budget()) : text;
  }

  private static NumberFormat format(String flags, int width, boolean zeros, int precision) {
    String sign = flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
    return new NumberFormat(sign, width, zeros, precision, flags.contains("#"), "");
  }

  private int number(@Nullable String digits, int otherwise) {
    if (digits == null || digits.isEmpty()) {
      return digits == null ? otherwise : 0;
    } else if (digits.equals("*")) {
      return Math.clamp(Arithmetic.whole(next()).longValue(), 0, WIDEST);
    } else if (digits.length() > 5) {
      throw TemplateFailure.of("a place is wider than %d", WIDEST);
    }
    return Integer.parseInt(digits);
  }

  private Value next() {
    if (used == values.size()) {
      throw new TemplateFailure("a format with '%' has more places than values");
    }
    return values.get(used++);
  }

  private Value named(String key) {
    if (!(named instanceof Dict dict)) {
      throw TemplateFailure.of(
          "'%%(%s)' needs a dictionary, found type %s", key, Types.name(named));
    }
    Value value = dict.get(Text.own(key));
    if (value == null) {
      throw TemplateFailure.of("there is no value '%s' for its place in a format", key);
    }
    return value;
  }

  private static Value number(Value value) {
    Comparison.requireDefined(value);
    if (!Comparison.isNumber(value)) {
      throw TemplateFailure.of("a format needs a number, found type %s", Types.name(value));
    }
    return value;
  }

  private static Value truncated(Value value) {
    return number(value) instanceof Value.Real real ? Conversions.truncated(real.value()) : value;
  }

  private Text character(Value value) {
    return value instanceof Text text && text.size() == 1
        ? text
        : Text.own(
            Character.toString(Math.clamp(Arithmetic.whole(value).longValue(), 0, 0x10FFFF)));
  }

  private static Text shortened(Text text, int precision) {
    return precision < 0 || precision >= text.size() ? text : text.cut(0, text.offset(precision));
  }
}
