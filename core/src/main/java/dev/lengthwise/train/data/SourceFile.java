package dev.lengthwise.train.data;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One file of source code, ready to be read by a model.
///
/// @param name its path in the jar
/// @param text its text: without the licence comment before the package line, with `\n` line ends,
///     and four spaces for a tab
public record SourceFile(String name, String text) {

  private static final Pattern HEADER =
      Pattern.compile("\\A\\s*(?:/\\*.*?\\*/\\s*|//[^\\n]*\\n\\s*)+", Pattern.DOTALL);

  /// The file as it lies in a jar.
  static SourceFile of(String name, String raw) {
    String text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ");
    Matcher header = HEADER.matcher(text);
    return new SourceFile(name, header.find() ? text.substring(header.end()) : text);
  }

  /// Whether more than a fifth of the text are digits: a table, not code.
  boolean isTable() {
    long digits = text.chars().filter(Character::isDigit).count();
    return digits * 5
        > text.chars().filter(character -> !Character.isWhitespace(character)).count();
  }
}
