package dev.lengthwise.checkpoint;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Finds the names that a missing one was probably meant to be.
final class SimilarNames {

  private static final int SHOWN = 3;

  private SimilarNames() {}

  /// The end of a sentence that names the tensors most like `name`.
  static String hint(String name, Map<String, ?> existing) {
    if (existing.isEmpty()) {
      return "the file holds no tensors.";
    }
    List<String> nearest =
        existing.keySet().stream()
            .sorted(Comparator.comparingInt((String other) -> -likeness(name, other)))
            .limit(SHOWN)
            .toList();
    return "nearest of its "
        + existing.size()
        + " tensors: "
        + String.join(", ", nearest)
        + ". Check that the file belongs to this kind of model.";
  }

  /// Length of the common beginning plus the common end, less what differs.
  private static int likeness(String left, String right) {
    int shorter = Math.min(left.length(), right.length());
    int start = 0;
    while (start < shorter && left.charAt(start) == right.charAt(start)) {
      start++;
    }
    int end = 0;
    while (end < shorter - start
        && left.charAt(left.length() - 1 - end) == right.charAt(right.length() - 1 - end)) {
      end++;
    }
    return 2 * (start + end) - Math.max(left.length(), right.length());
  }
}
