package dev.lengthwise.bench;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;

/// Counts the pairs of a query and a key that a plan lets see each other.
final class VisiblePairs {

  /// Queries and keys of a tile in [#inTiles].
  public static final int TILE = 64;

  private VisiblePairs() {}

  /// Pairs of the queries `0 … tokens − 1`.
  public static double of(AttentionPlan plan, long tokens) {
    double pairs = 0;
    for (long query = 0; query < tokens; query++) {
      pairs += ofQuery(plan, query);
    }
    return pairs;
  }

  /// Keys that one query sees.
  public static long ofQuery(AttentionPlan plan, long query) {
    long keys = 0;
    for (Branch branch : plan.branches()) {
      Bounds seen = branch.region().keys(query);
      keys += seen.until() - seen.from();
    }
    return keys;
  }

  /// Pairs of all tiles of 64 × 64 in which a query of `0 … tokens − 1` sees a key: what a kernel
  /// that works in such tiles computes.
  public static double inTiles(AttentionPlan plan, long tokens) {
    double pairs = 0;
    for (long query = 0; query < tokens; query += TILE) {
      long lastQuery = Math.min(tokens, query + TILE) - 1;
      for (long key = 0; key <= lastQuery; key += TILE) {
        long lastKey = Math.min(tokens, key + TILE) - 1;
        if (plan.touches(query, lastQuery, key, lastKey)) {
          pairs += (double) (lastQuery - query + 1) * (lastKey - key + 1);
        }
      }
    }
    return pairs;
  }
}
