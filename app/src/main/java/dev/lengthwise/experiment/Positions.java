package dev.lengthwise.experiment;

import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.Measurement.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Losses by position in buckets that grow with the position, so that a curve over 32,768 tokens is
/// some dozens of rows.
final class Positions {

  // Buckets of an octave.
  private static final int BUCKETS = 4;

  private Positions() {}

  /// The bucket of a position or distance, at least 1.
  static int bucket(int position) {
    return (int) Math.floor(BUCKETS * Math.log(position) / Math.log(2) + 1e-9);
  }

  /// The measurements, with every run of losses at positions in place of single ones: bucket `k`
  /// holds the positions from `2^(k/4)` up to `2^((k+1)/4)`, and its row stands at the last one.
  static List<Measurement> summarised(List<Measurement> measured) {
    List<Measurement> result = new ArrayList<>();
    TreeMap<Integer, List<Measurement>> buckets = new TreeMap<>();
    for (Measurement one : measured) {
      if (one.metric() == Metric.LOSS_AT_POSITION) {
        buckets.computeIfAbsent(bucket(one.length()), _ -> new ArrayList<>()).add(one);
      } else {
        result.add(one);
      }
    }
    for (List<Measurement> bucket : buckets.values()) {
      double mean = bucket.stream().mapToDouble(Measurement::value).average().orElseThrow();
      long count = bucket.stream().mapToLong(Measurement::count).sum();
      int last = bucket.getLast().length();
      result.add(new Measurement(Metric.LOSS_AT_POSITION, last, Double.NaN, mean, count, 0));
    }
    return result;
  }
}
