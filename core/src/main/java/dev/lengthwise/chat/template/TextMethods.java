package dev.lengthwise.chat.template;

import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The methods of texts, as Python has them.
final class TextMethods {

  /// A method, with the text that it is called on.
  @FunctionalInterface
  private interface Method {
    Value call(Text text, Arguments arguments, Runtime runtime);
  }

  private TextMethods() {}

  /// The method of that name, if there is one.
  static Value.@Nullable Function find(Text text, String name) {
    Method method = method(name);
    return method == null
        ? null
        : new Value.Function(
            name,
            (arguments, runtime) -> {
              runtime.budget().text(text.string().length());
              Value result = method.call(text, arguments, runtime);
              return text.isSafe() ? safe(result) : result;
            });
  }

  // Texts that a method makes of a safe one are safe.
  private static Value safe(Value result) {
    return switch (result) {
      case Text text -> text.withSafety(true);
      case Value.Listing list ->
          new Value.Listing(list.elements().stream().map(TextMethods::safe).toList());
      case Value.Tuple tuple ->
          new Value.Tuple(tuple.elements().stream().map(TextMethods::safe).toList());
      default -> result;
    };
  }

  private static @Nullable Method method(String name) {
    return switch (name) {
      case "strip" -> strip(name, true, true);
      case "lstrip" -> strip(name, true, false);
      case "rstrip" -> strip(name, false, true);
      case "split" -> (text, arguments, runtime) -> TextParts.split(text, arguments, runtime);
      case "rsplit" ->
          (text, arguments, runtime) -> TextParts.splitFromEnd(text, arguments, runtime);
      case "splitlines" -> TextMethods::lines;
      case "partition" -> (text, arguments, runtime) -> TextParts.partition(text, arguments, false);
      case "rpartition" -> (text, arguments, runtime) -> TextParts.partition(text, arguments, true);
      case "join" -> TextMethods::join;
      case "replace" -> TextMethods::replace;
      case "removeprefix" -> TextMethods::withoutPrefix;
      case "removesuffix" -> TextMethods::withoutSuffix;
      case "startswith", "endswith", "find", "rfind", "index", "rindex", "count" ->
          (text, arguments, runtime) -> TextSearch.call(name, text, arguments, runtime.budget());
      case "center", "ljust", "rjust", "zfill", "expandtabs" ->
          (text, arguments, runtime) -> TextPadding.call(name, text, arguments, runtime.budget());
      case "format" -> BraceFormat::apply;
      default -> caseMethod(name);
    };
  }

  private static @Nullable Method caseMethod(String name) {
    return switch (name) {
      case "upper" -> changed(name, TextCase::upper);
      case "lower" -> changed(name, TextCase::lower);
      case "casefold" -> changed(name, string -> TextCase.lower(TextCase.upper(string)));
      case "title" -> changed(name, TextCase::title);
      case "capitalize" -> changed(name, TextCase::capitalized);
      case "swapcase" -> changed(name, TextCase::swapped);
      case "islower" -> holds(name, TextCase::isLower);
      case "isupper" -> holds(name, TextCase::isUpper);
      case "istitle" -> holds(name, TextCase::isTitle);
      case "isalpha" -> all(name, Character::isLetter);
      case "isalnum" -> all(name, TextMethods::isLetterOrNumber);
      case "isdigit", "isdecimal" -> all(name, Character::isDigit);
      case "isnumeric" -> all(name, TextMethods::isNumber);
      case "isspace" -> all(name, Characters::isSpace);
      case "isascii" -> holds(name, string -> string.chars().allMatch(unit -> unit < 0x80));
      case "isprintable" ->
          holds(name, string -> string.codePoints().allMatch(Characters::isPrintable));
      case "isidentifier" ->
          holds(
              name,
              string ->
                  !string.isEmpty()
                      && Character.isUnicodeIdentifierStart(string.replace('_', 'a').codePointAt(0))
                      && string.codePoints().allMatch(Character::isUnicodeIdentifierPart));
      default -> null;
    };
  }

  private static boolean isNumber(int character) {
    return switch (Character.getType(character)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  private static boolean isLetterOrNumber(int character) {
    return Character.isLetter(character) || isNumber(character);
  }

  private static Method changed(String name, UnaryOperator<String> change) {
    return (text, arguments, runtime) -> {
      arguments.bind(name, 0);
      return text.changed(change);
    };
  }

  private static Method holds(String name, Predicate<String> test) {
    return (text, arguments, runtime) -> {
      arguments.bind(name, 0);
      return Value.of(test.test(text.string()));
    };
  }

  private static Method all(String name, IntPredicate test) {
    return holds(name, string -> !string.isEmpty() && string.codePoints().allMatch(test));
  }

  private static Method strip(String name, boolean left, boolean right) {
    return (text, arguments, runtime) -> {
      Arguments.Bound bound = arguments.bind(name, 0, "chars");
      return TextParts.strip(text, bound.has(0) ? bound.text(0) : null, left, right);
    };
  }

  private static Value lines(Text text, Arguments arguments, Runtime runtime) {
    boolean kept = arguments.bind("splitlines", 0, "keepends").flag(0, false);
    return new Value.Listing(TextParts.lines(text, kept, runtime.budget()));
  }

  /// `separator.join(iterable)`
  static Value join(Text separator, Arguments arguments, Runtime runtime) {
    Budget budget = runtime.budget();
    Text.Builder joined = new Text.Builder(budget);
    boolean first = true;
    for (Value part : Types.elements(arguments.bind("join", 1, "iterable").value(0), budget)) {
      if (!(part instanceof Text text)) {
        throw TemplateFailure.of("'join' of a text needs texts, found type %s", Types.name(part));
      }
      if (!first) {
        joined.add(separator);
      }
      joined.add(separator.isSafe() ? text.escaped(budget) : text);
      first = false;
    }
    return joined.build();
  }

  private static Value replace(Text text, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("replace", 2, "old", "new", "count");
    Budget budget = runtime.budget();
    Text replacement = text.isSafe() ? bound.text(1).escaped(budget) : bound.text(1);
    return TextParts.replace(text, bound.text(0), replacement, bound.whole(2, -1), budget);
  }

  private static Value withoutPrefix(Text text, Arguments arguments, Runtime runtime) {
    String prefix = arguments.bind("removeprefix", 1, "prefix").text(0).string();
    int end = text.string().length();
    return text.string().startsWith(prefix) ? text.cut(prefix.length(), end) : text;
  }

  private static Value withoutSuffix(Text text, Arguments arguments, Runtime runtime) {
    String suffix = arguments.bind("removesuffix", 1, "suffix").text(0).string();
    int end = text.string().length();
    return text.string().endsWith(suffix) ? text.cut(0, end - suffix.length()) : text;
  }
}
