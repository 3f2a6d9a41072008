package dev.lengthwise.method.syntax;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Finds what a user may have meant.
public final class NearestName {

  private NearestName() {}

  /// The name with the fewest single-character edits to `text`, in small letters as names are; the
  /// first of equally near ones. None where more than half of it would have to change.
  public static Optional<String> of(String text, List<String> names) {
    String small = text.toLowerCase(Locale.ROOT);
    return names.stream()
        .filter(name -> small.length() <= 2 * name.length())
        .min(Comparator.comparingInt(name -> edits(small, name)))
        .filter(name -> 2 * edits(small, name) <= name.length());
  }

  private static int edits(String from, String to) {
    int[] previous = new int[to.length() + 1];
    for (int column = 0; column <= to.length(); column++) {
      previous[column] = column;
    }
    for (int row = 1; row <= from.length(); row++) {
      int[] current = new int[to.length() + 1];
      current[0] = row;
      for (int column = 1; column <= to.length(); column++) {
        int change = from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1;
        current[column] =
            Math.min(
                previous[column - 1] + change, 1 + Math.min(previous[column], current[column - 1]));
      }
      previous = current;
    }
    return previous[to.length()];
  }
}
