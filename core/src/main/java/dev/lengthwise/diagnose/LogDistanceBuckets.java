package dev.lengthwise.diagnose;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;

/// Buckets of positions and distances that grow with them, so that a curve over 32,768 tokens is
/// some dozens of points: bucket `k` holds what lies from `2^(k/4)` up to `2^((k+1)/4)`.
public final class LogDistanceBuckets {

  private static final int IN_AN_OCTAVE = 4;

  private LogDistanceBuckets() {}

  /// The bucket of a position or distance; −1 for 0.
  public static int of(int position) {
    return position == 0
        ? -1
        : (int) Math.floor(IN_AN_OCTAVE * Math.log(position) / Math.log(2) + 1e-9);
  }

  /// `all` bucket by bucket, from the least place on.
  static <T> List<List<T>> split(List<T> all, ToIntFunction<T> place) {
    TreeMap<Integer, List<T>> buckets = new TreeMap<>();
    for (T one : all) {
      buckets.computeIfAbsent(of(place.applyAsInt(one)), _ -> new ArrayList<>()).add(one);
    }
    return List.copyOf(buckets.values());
  }

  /// The mean over a bucket.
  static <T> double mean(List<T> bucket, ToDoubleFunction<T> value) {
    return bucket.stream().mapToDouble(value).average().orElseThrow();
  }
}
