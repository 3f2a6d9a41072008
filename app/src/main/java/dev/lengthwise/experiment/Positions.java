package dev.lengthwise.experiment;

import dev.lengthwise.diagnose.LogDistanceBuckets;
import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.Measurement.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Losses by position in [LogDistanceBuckets].
final class Positions {

  private Positions() {}

  /// The measurements, with every run of losses at positions in place of single ones; the row of a
  /// bucket stands at the last position in it.
  static List<Measurement> summarised(List<Measurement> measured) {
    List<Measurement> result = new ArrayList<>();
    TreeMap<Integer, List<Measurement>> buckets = new TreeMap<>();
    for (Measurement one : measured) {
      if (one.metric() == Metric.LOSS_AT_POSITION) {
        buckets
            .computeIfAbsent(LogDistanceBuckets.of(one.length()), _ -> new ArrayList<>())
            .add(one);
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
