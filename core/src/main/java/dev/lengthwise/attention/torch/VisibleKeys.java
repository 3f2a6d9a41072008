package dev.lengthwise.attention.torch;

import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.Region;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The keys of which some query of a run of queries may see something: one run of indices for a
/// window, two for a Λ-shaped mask.
///
/// @param runs in ascending order, none empty, none touching another
record VisibleKeys(List<Bounds> runs) {

  private static final VisibleKeys ALL = new VisibleKeys(List.of(Bounds.ALL));

  /// What the queries `[firstQuery, lastQuery]` may see, candidates of a selection too; everything
  /// where a plan sees ahead.
  static VisibleKeys of(AttentionPlan plan, long firstQuery, long lastQuery) {
    List<Bounds> hulls = new ArrayList<>();
    for (Branch branch : plan.branchesWithCandidates()) {
      if (branch.region().ahead()) {
        return ALL;
      }
      Bounds hull = hull(branch.region(), firstQuery, lastQuery);
      if (hull.until() > hull.from()) {
        hulls.add(hull);
      }
    }
    hulls.sort(Comparator.comparingLong(Bounds::from));
    List<Bounds> runs = new ArrayList<>();
    for (Bounds hull : hulls) {
      if (!runs.isEmpty() && hull.from() <= runs.getLast().until()) {
        Bounds last = runs.removeLast();
        runs.add(new Bounds(last.from(), Math.max(last.until(), hull.until())));
      } else {
        runs.add(hull);
      }
    }
    return new VisibleKeys(runs);
  }

  // Both ends of the keys that a query sees in a region move forward with the query.
  private static Bounds hull(Region region, long firstQuery, long lastQuery) {
    long first = firstQuery;
    while (first < lastQuery && isEmpty(region.keys(first))) {
      first++;
    }
    long last = lastQuery;
    while (last > first && isEmpty(region.keys(last))) {
      last--;
    }
    Bounds keys = region.keys(first);
    return isEmpty(keys) ? keys : new Bounds(keys.from(), region.keys(last).until());
  }

  private static boolean isEmpty(Bounds keys) {
    return keys.until() <= keys.from();
  }

  /// How many of the keys at `spans` these are.
  long count(List<KeySpan> spans) {
    return within(spans).stream().mapToLong(KeySpan::count).sum();
  }

  /// The keys of `spans` that are among these.
  ///
  /// @param spans whose rows follow each other from row 0 on
  /// @return runs of the same rows
  List<KeySpan> within(List<KeySpan> spans) {
    List<KeySpan> seen = new ArrayList<>();
    int row = 0;
    for (KeySpan span : spans) {
      for (Bounds run : runs) {
        long from = Math.max(run.from(), span.firstPosition());
        long until = Math.min(run.until(), span.lastPosition() + 1);
        if (until > from) {
          int firstRow = row + (int) (from - span.firstPosition());
          seen.add(new KeySpan(from, firstRow, (int) (until - from)));
        }
      }
      row += span.count();
    }
    return seen;
  }
}
