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

  /// What the losses at the positions of the longest text say of shorter ones: the mean loss of the
  /// last `scored` targets up to a length, and of all targets up to it. Both are read from one pass
  /// over the longest text, as LM-Infinite reports the loss around a position.
  ///
  /// @param name of a row
  /// @param length the milestone
  /// @param value mean, in nats
  /// @param count observations
  record Milestone(String name, int length, double value, long count) {}

  /// The milestones of the lengths of a suite; none where no losses at positions were measured.
  static List<Milestone> milestones(List<Measurement> measured, Suite suite) {
    List<Measurement> curve =
        measured.stream().filter(one -> one.metric() == Metric.LOSS_AT_POSITION).toList();
    List<Milestone> all = new ArrayList<>();
    for (int length : suite.lengths()) {
      int end = Math.min(length, curve.size()); // a text of n tokens has n − 1 targets
      if (end > 0) {
        all.add(
            milestone(
                "loss_around", length, curve.subList(Math.max(0, end - suite.scored()), end)));
        all.add(milestone("loss_of_prefix", length, curve.subList(0, end)));
      }
    }
    return all;
  }

  private static Milestone milestone(String name, int length, List<Measurement> part) {
    return new Milestone(
        name,
        length,
        part.stream().mapToDouble(Measurement::value).average().orElseThrow(),
        part.stream().mapToLong(Measurement::count).sum());
  }
}
