package dev.lengthwise.chat.template;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The text of a template and a place in it, whose line is known.
final class Source {

  private static final Pattern LINE_END = Pattern.compile("\r\n|\r");

  private final String text;
  private int position;
  private int line = 1;

  /// A source at its begin: line ends become `\n`, and one at the end of the text goes.
  Source(String text) {
    String lines = LINE_END.matcher(text).replaceAll("\n");
    this.text = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
  }

  int length() {
    return text.length();
  }

  int position() {
    return position;
  }

  /// The line of the position, from 1.
  int line() {
    return line;
  }

  boolean isAtEnd() {
    return position == text.length();
  }

  /// The character at a place; a blank past the end.
  char at(int place) {
    return place < text.length() ? text.charAt(place) : ' ';
  }

  /// The text from the position up to `end`.
  String from(int end) {
    return text.substring(position, end);
  }

  boolean startsWith(String prefix) {
    return text.startsWith(prefix, position);
  }

  void moveTo(int place) {
    for (int i = position; i < place; i++) {
      if (text.charAt(i) == '\n') {
        line++;
      }
    }
    position = place;
  }

  /// The next match at or after the position, if any.
  @Nullable Matcher find(Pattern pattern) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find(position) ? matcher : null;
  }

  /// The match that begins at `place`, if any; it may look at what is before.
  @Nullable Matcher match(Pattern pattern, int place) {
    Matcher matcher = pattern.matcher(text).region(place, text.length()).useTransparentBounds(true);
    return matcher.lookingAt() ? matcher : null;
  }

  /// Where the text that ends at `end` ends without the blanks of its last line, if that has
  /// nothing else and begins at or after the position.
  int withoutIndentation(int end) {
    int begin = end;
    while (begin > position && text.charAt(begin - 1) != '\n') {
      if (!Characters.isSpace(text.charAt(begin - 1))) {
        return end;
      }
      begin--;
    }
    return begin == 0 || text.charAt(begin - 1) == '\n' ? begin : end;
  }
}
