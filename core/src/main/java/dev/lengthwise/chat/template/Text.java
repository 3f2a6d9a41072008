package dev.lengthwise.chat.template;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A text whose characters know where they came from: the template itself, or from outside, as what
/// a user wrote does.
///
/// Cutting, joining, repeating and replacing keep the origin of each character. Where an operation
/// cannot say what became of a character, such as an upper-case form that is longer, the whole
/// result counts as from outside as soon as any part of it is. Origins play no role when texts are
/// compared.
///
/// A text may be safe, as the filter `safe` makes it: then what is added to it is escaped for HTML.
/// No chat is HTML, but jinja2 does it, and models were trained with the result.
final class Text implements Value {

  private static final int[] NOWHERE = {};

  /// The empty text.
  static final Text EMPTY = own("");

  private final String string;

  // Places from outside: begin and end of each run, rising, in chars.
  private final int[] outside;

  private final boolean safe;

  private Text(String string, int[] outside, boolean safe) {
    this.string = string;
    this.outside = outside;
    this.safe = safe;
  }

  /// A text of the template.
  static Text own(String string) {
    return new Text(string, NOWHERE, false);
  }

  /// A text from outside.
  static Text outside(String string) {
    return new Text(string, string.isEmpty() ? NOWHERE : new int[] {0, string.length()}, false);
  }

  /// The characters.
  String string() {
    return string;
  }

  boolean isEmpty() {
    return string.isEmpty();
  }

  /// Begins and ends of the runs from outside, in chars, rising; a fresh copy.
  int[] outside() {
    return outside.clone();
  }

  /// Whether the text needs no escapes.
  boolean isSafe() {
    return safe;
  }

  /// The same characters, safe or not.
  Text withSafety(boolean wanted) {
    return wanted == safe ? this : new Text(string, outside, wanted);
  }

  /// A safe text: this one, escaped unless it was safe.
  Text escaped(Budget budget) {
    return safe ? this : newlyEscaped(budget);
  }

  /// A safe text in which every character of HTML is escaped, even where it was safe.
  Text newlyEscaped(Budget budget) {
    Builder escaped = new Builder(budget);
    for (int at = 0; at < string.length(); at++) {
      char unit = string.charAt(at);
      String name =
          switch (unit) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '"' -> "&#34;";
            case '\'' -> "&#39;";
            default -> String.valueOf(unit);
          };
      escaped.like(this, at, name);
    }
    return escaped.build().withSafety(true);
  }

  /// The number of characters as Python counts them.
  int size() {
    return string.codePointCount(0, string.length());
  }

  /// Where in [#string()] the character number `index` begins; `index` may be the size.
  int offset(int index) {
    return string.offsetByCodePoints(0, index);
  }

  /// The part between two places in [#string()].
  Text cut(int from, int to) {
    if (from == 0 && to == string.length()) {
      return this;
    } else if (from >= to) {
      return EMPTY;
    }
    return new Text(string.substring(from, to), runsWithin(from, to), safe);
  }

  private int[] runsWithin(int from, int to) {
    int first = firstRun(from);
    int last = first;
    while (last < outside.length && outside[last] < to) {
      last += 2;
    }
    int[] runs = new int[last - first];
    for (int i = 0; i < runs.length; i += 2) {
      runs[i] = Math.max(from, outside[first + i]) - from;
      runs[i + 1] = Math.min(to, outside[first + i + 1]) - from;
    }
    return runs;
  }

  // Where the first run is that ends after `index`.
  private int firstRun(int index) {
    int low = 0;
    int high = outside.length / 2;
    while (low < high) {
      int middle = (low + high) / 2;
      if (outside[2 * middle + 1] > index) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return 2 * low;
  }

  /// This text with its characters changed, each at its place; where the length changes, places are
  /// not known.
  Text changed(UnaryOperator<String> change) {
    String changed = change.apply(string);
    if (outside.length == 0 || changed.length() == string.length()) {
      return new Text(changed, outside, safe);
    }
    return outside(changed).withSafety(safe);
  }

  /// Texts that are equal to this one in Python: those with the same characters.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Text text && text.string.equals(string);
  }

  @Override
  public int hashCode() {
    return string.hashCode();
  }

  @Override
  public String toString() {
    return string;
  }

  /// A text in the making, whose length is counted before it grows.
  static final class Builder {

    private final StringBuilder string = new StringBuilder();
    private final Budget budget;
    private int[] outside = new int[4];
    private int used;

    Builder(Budget budget) {
      this.budget = budget;
      budget.text(0);
    }

    /// Adds characters of the template.
    Builder own(String characters) {
      budget.characters(characters.length());
      string.append(characters);
      return this;
    }

    /// Adds characters that come from where those of `source` at `index` do.
    Builder like(Text source, int index, String characters) {
      int begin = string.length();
      own(characters);
      if (source.isOutside(index)) {
        mark(begin, string.length());
      }
      return this;
    }

    /// Adds a text.
    Builder add(Text text) {
      return add(text, 0, text.string.length());
    }

    /// Adds a part of a text.
    Builder add(Text text, int from, int to) {
      int begin = string.length();
      budget.characters(to - from);
      string.append(text.string, from, to);
      int first = text.firstRun(from);
      for (int i = first; i < text.outside.length && text.outside[i] < to; i += 2) {
        mark(
            begin + Math.max(from, text.outside[i]) - from,
            begin + Math.min(to, text.outside[i + 1]) - from);
      }
      return this;
    }

    private void mark(int begin, int end) {
      if (begin >= end) {
        return;
      }
      if (used > 0 && outside[used - 1] == begin) {
        outside[used - 1] = end;
        return;
      }
      if (used == outside.length) {
        budget.characters(4L * used);
        outside = Arrays.copyOf(outside, 2 * used);
      }
      outside[used++] = begin;
      outside[used++] = end;
    }

    Text build() {
      budget.text(string.length());
      return new Text(string.toString(), used == 0 ? NOWHERE : Arrays.copyOf(outside, used), false);
    }
  }

  private boolean isOutside(int index) {
    int run = firstRun(index);
    return run < outside.length && outside[run] <= index;
  }
}
