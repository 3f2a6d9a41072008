package dev.lengthwise.evaluate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How often each run of neighbours stands in a list.
final class Grams {

  private Grams() {}

  /// Runs of `size` neighbours and their number.
  static <T> Map<List<T>, Integer> of(List<T> elements, int size) {
    Map<List<T>, Integer> counts = new HashMap<>();
    for (int at = 0; at + size <= elements.size(); at++) {
      counts.merge(elements.subList(at, at + size), 1, Integer::sum);
    }
    return counts;
  }

  /// Number of runs that a candidate shares with its reference, each as often as both have it.
  static <T> long shared(Map<List<T>, Integer> candidate, Map<List<T>, Integer> reference) {
    return candidate.entrySet().stream()
        .mapToLong(gram -> Math.min(gram.getValue(), reference.getOrDefault(gram.getKey(), 0)))
        .sum();
  }

  /// Number of all runs.
  static <T> long count(Map<List<T>, Integer> grams) {
    return grams.values().stream().mapToLong(Integer::longValue).sum();
  }
}
