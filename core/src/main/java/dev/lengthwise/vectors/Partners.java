package dev.lengthwise.vectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which vectors are known to belong together, and how many of them a search finds.
///
/// @param of the partners of each vector that has some
public record Partners(Map<Integer, Set<Integer>> of) {

  /// Nothing is known.
  public static final Partners NONE = new Partners(Map.of());

  /// Copies the map.
  public Partners {
    of = Map.copyOf(of);
  }

  /// Shares of the vectors with partners that find one.
  ///
  /// @param first whose nearest vector is a partner
  /// @param among that have a partner among the nearest
  /// @param searches vectors with partners
  public record Recall(double first, double among, int searches) {}

  /// Pairs of vectors, in either direction; a vector is no partner of itself.
  public static Partners ofPairs(List<int[]> pairs) {
    Map<Integer, Set<Integer>> partners = new LinkedHashMap<>();
    for (int[] pair : pairs) {
      if (pair[0] != pair[1]) {
        partners.computeIfAbsent(pair[0], _ -> new LinkedHashSet<>()).add(pair[1]);
        partners.computeIfAbsent(pair[1], _ -> new LinkedHashSet<>()).add(pair[0]);
      }
    }
    return new Partners(partners);
  }

  /// Rows 1 and 2, 3 and 4, and so on.
  public static Partners neighbouringRows(int count) {
    List<int[]> pairs = new ArrayList<>();
    for (int row = 0; row + 1 < count; row += 2) {
      pairs.add(new int[] {row, row + 1});
    }
    return ofPairs(pairs);
  }

  /// How many partners are found.
  public Recall recall(NearestNeighbours neighbours) {
    int first = 0;
    int among = 0;
    for (Map.Entry<Integer, Set<Integer>> entry : of.entrySet()) {
      int[] found = neighbours.of(entry.getKey());
      first += entry.getValue().contains(found[0]) ? 1 : 0;
      boolean any = false;
      for (int place : found) {
        any |= entry.getValue().contains(place);
      }
      among += any ? 1 : 0;
    }
    double searches = Math.max(1, of.size());
    return new Recall(first / searches, among / searches, of.size());
  }
}
