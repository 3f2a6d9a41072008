package dev.lengthwise.chat.template;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Upper and lower case as Python has them.
final class TextCase {

  // Where jinja2's filter `title` lets a word begin.
  private static final Pattern WORD = Pattern.compile("[^-\\s({\\[<]++");

  private TextCase() {}

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /// The first character in upper case, the others in lower case.
  static String capitalized(String text) {
    return text.isEmpty() ? text : firstUpper(text);
  }

  private static String firstUpper(String word) {
    int first = word.offsetByCodePoints(0, 1);
    return titled(word.substring(0, first)) + lower(word.substring(first));
  }

  // A title letter where there is one, such as that of two letters in one.
  private static String titled(String character) {
    String upper = upper(character);
    int first = upper.offsetByCodePoints(0, 1);
    return first == upper.length()
        ? Character.toString(Character.toTitleCase(character.codePointAt(0)))
        : upper.substring(0, first) + lower(upper.substring(first));
  }

  /// The first letter of each run of letters in upper case: Python's `str.title`.
  static String title(String text) {
    StringBuilder titled = new StringBuilder();
    boolean inside = false;
    int end;
    for (int at = 0; at < text.length(); at = end) {
      end = text.offsetByCodePoints(at, 1);
      String character = text.substring(at, end);
      titled.append(inside ? lower(character) : titled(character));
      inside = Characters.isCased(text.codePointAt(at));
    }
    return titled.toString();
  }

  /// Words that begin after blanks, hyphens and opening brackets: jinja2's filter `title`.
  static String titleOfWords(String text) {
    return WORD.matcher(text)
        .replaceAll(word -> Matcher.quoteReplacement(firstUpper(word.group())));
  }

  /// Upper case in place of lower case and the other way round.
  static String swapped(String text) {
    StringBuilder swapped = new StringBuilder();
    text.codePoints()
        .mapToObj(
            character ->
                Character.isUpperCase(character)
                    ? lower(Character.toString(character))
                    : upper(Character.toString(character)))
        .forEach(swapped::append);
    return swapped.toString();
  }

  static boolean isLower(String text) {
    return text.codePoints().anyMatch(Character::isLowerCase)
        && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
  }

  static boolean isUpper(String text) {
    return text.codePoints().anyMatch(Character::isUpperCase)
        && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
  }

  static boolean isTitle(String text) {
    return text.equals(title(text)) && text.codePoints().anyMatch(Characters::isCased);
  }
}
