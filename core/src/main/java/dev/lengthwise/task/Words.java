package dev.lengthwise.task;

import dev.lengthwise.task.TaskExample.Span;
import java.util.ArrayList;
import java.util.List;

/// The words of a text: letters and digits that follow one another; a Chinese character, and any
/// other character that is no space, is a word of its own.
final class Words {

  private Words() {}

  /// The words of a text in their order.
  static List<Span> of(String text) {
    List<Span> words = new ArrayList<>();
    int start = -1;
    for (int at = 0; at < text.length(); ) {
      int point = text.codePointAt(at);
      int next = at + Character.charCount(point);
      if (isJoined(point)) {
        start = start < 0 ? at : start;
      } else {
        if (start >= 0) {
          words.add(new Span(start, at));
        }
        start = -1;
        if (!Character.isWhitespace(point) && !Character.isSpaceChar(point)) {
          words.add(new Span(at, next));
        }
      }
      at = next;
    }
    if (start >= 0) {
      words.add(new Span(start, text.length()));
    }
    return words;
  }

  // Marks, such as accents that stand alone, belong to the letter before.
  private static boolean isJoined(int point) {
    int kind = Character.getType(point);
    boolean mark =
        kind == Character.NON_SPACING_MARK
            || kind == Character.COMBINING_SPACING_MARK
            || kind == Character.ENCLOSING_MARK;
    return mark || (Character.isLetterOrDigit(point) && !Character.isIdeographic(point));
  }
}
