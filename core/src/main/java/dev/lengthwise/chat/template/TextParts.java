package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Cutting texts: parts keep the origin of their characters.
final class TextParts {

  private TextParts() {}

  /// The text without some characters at its ends.
  ///
  /// @param characters what is taken away; null for white space
  static Text strip(Text text, @Nullable Text characters, boolean left, boolean right) {
    IntPredicate goes =
        characters == null
            ? Characters::isSpace
            : character -> characters.string().indexOf(character) >= 0;
    String string = text.string();
    int begin = 0;
    int end = string.length();
    while (left && begin < end && goes.test(string.codePointAt(begin))) {
      begin = string.offsetByCodePoints(begin, 1);
    }
    while (right && end > begin && goes.test(string.codePointBefore(end))) {
      end = string.offsetByCodePoints(end, -1);
    }
    return text.cut(begin, end);
  }

  /// `text.split(sep, maxsplit)`
  static Value split(Text text, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("split", 0, "sep", "maxsplit");
    int most = most(bound);
    List<Value> parts =
        bound.has(0)
            ? between(text, separator(bound), most, runtime.budget())
            : words(text, most, runtime.budget());
    return new Value.Listing(parts);
  }

  /// `text.rsplit(sep, maxsplit)`
  static Value splitFromEnd(Text text, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("rsplit", 0, "sep", "maxsplit");
    int most = most(bound);
    List<Value> parts =
        bound.has(0)
            ? betweenFromEnd(text, separator(bound), most, runtime.budget())
            : wordsFromEnd(text, most, runtime.budget());
    Collections.reverse(parts);
    return new Value.Listing(parts);
  }

  private static int most(Arguments.Bound bound) {
    int most = bound.whole(1, -1);
    return most < 0 ? Integer.MAX_VALUE : most;
  }

  private static String separator(Arguments.Bound bound) {
    String separator = bound.text(0).string();
    if (separator.isEmpty()) {
      throw new TemplateFailure("a text is split at an empty text");
    }
    return separator;
  }

  private static void add(List<Value> parts, Text part, Budget budget) {
    budget.text(part.string().length());
    budget.values(1);
    parts.add(part);
  }

  private static List<Value> between(Text text, String separator, int most, Budget budget) {
    List<Value> parts = new ArrayList<>();
    String string = text.string();
    int begin = 0;
    int at = string.indexOf(separator);
    while (at >= 0 && parts.size() < most) {
      add(parts, text.cut(begin, at), budget);
      begin = at + separator.length();
      at = string.indexOf(separator, begin);
    }
    add(parts, text.cut(begin, string.length()), budget);
    return parts;
  }

  private static List<Value> betweenFromEnd(Text text, String separator, int most, Budget budget) {
    List<Value> parts = new ArrayList<>();
    String string = text.string();
    int end = string.length();
    int at = string.lastIndexOf(separator);
    while (at >= 0 && parts.size() < most) {
      add(parts, text.cut(at + separator.length(), end), budget);
      end = at;
      at = at < separator.length() ? -1 : string.lastIndexOf(separator, at - separator.length());
    }
    add(parts, text.cut(0, end), budget);
    return parts;
  }

  private static List<Value> words(Text text, int most, Budget budget) {
    List<Value> words = new ArrayList<>();
    Text rest = strip(text, null, true, false);
    while (!rest.isEmpty() && words.size() < most) {
      String string = rest.string();
      int end = 0;
      while (end < string.length() && !Characters.isSpace(string.charAt(end))) {
        end++;
      }
      add(words, rest.cut(0, end), budget);
      budget.text(string.length() >> 4);
      rest = strip(rest.cut(end, string.length()), null, true, false);
    }
    if (!rest.isEmpty()) {
      add(words, rest, budget);
    }
    return words;
  }

  private static List<Value> wordsFromEnd(Text text, int most, Budget budget) {
    List<Value> words = new ArrayList<>();
    Text rest = strip(text, null, false, true);
    while (!rest.isEmpty() && words.size() < most) {
      String string = rest.string();
      int begin = string.length();
      while (begin > 0 && !Characters.isSpace(string.charAt(begin - 1))) {
        begin--;
      }
      add(words, rest.cut(begin, string.length()), budget);
      budget.text(string.length() >> 4);
      rest = strip(rest.cut(0, begin), null, false, true);
    }
    if (!rest.isEmpty()) {
      add(words, rest, budget);
    }
    return words;
  }

  /// The lines of a text.
  ///
  /// @param kept whether lines keep their ends
  static List<Value> lines(Text text, boolean kept, Budget budget) {
    List<Value> lines = new ArrayList<>();
    String string = text.string();
    int begin = 0;
    for (int at = 0; at < string.length(); at++) {
      if (Characters.endsLine(string.charAt(at))) {
        int end = at;
        boolean two = string.startsWith("\r\n", at);
        at = two ? at + 1 : at;
        add(lines, text.cut(begin, kept ? at + 1 : end), budget);
        begin = at + 1;
      }
    }
    if (begin < string.length()) {
      add(lines, text.cut(begin, string.length()), budget);
    }
    return lines;
  }

  /// `text.partition(sep)`, or `rpartition` where `last`: before, at and after a separator.
  static Value partition(Text text, Arguments arguments, boolean last) {
    String separator = separator(arguments.bind("partition", 1, "sep"));
    String string = text.string();
    int at = last ? string.lastIndexOf(separator) : string.indexOf(separator);
    int end = at + separator.length();
    if (at < 0) {
      return last
          ? Value.Tuple.of(Text.EMPTY, Text.EMPTY, text)
          : Value.Tuple.of(text, Text.EMPTY, Text.EMPTY);
    }
    return Value.Tuple.of(text.cut(0, at), text.cut(at, end), text.cut(end, string.length()));
  }

  /// The text with `old` replaced, at most `count` times unless that is negative. An empty `old`
  /// is before each character and at the end.
  static Text replace(Text text, Text old, Text replacement, int count, Budget budget) {
    String string = text.string();
    Text.Builder replaced = new Text.Builder(budget);
    int left = count < 0 ? Integer.MAX_VALUE : count;
    int begin = 0;
    int at = string.indexOf(old.string());
    while (at >= 0 && left > 0) {
      replaced.add(text, begin, at).add(replacement);
      left--;
      begin = at + old.string().length();
      int next = begin;
      if (old.isEmpty()) {
        next = at < string.length() ? string.offsetByCodePoints(at, 1) : string.length() + 1;
      }
      at = next > string.length() ? -1 : string.indexOf(old.string(), next);
    }
    return replaced.add(text, begin, string.length()).build();
  }
}
