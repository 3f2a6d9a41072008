package dev.lengthwise.evaluate;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// A cut between scores: a pair is taken for alike where its score is above it.
///
/// @param cut half way between two neighbouring scores, or −∞ where all pairs are taken
/// @param value what the measure is there
public record Threshold(double cut, double value) {

  /// What a threshold is chosen for.
  public enum Measure {
    /// The share of pairs that are taken for what they are.
    ACCURACY,
    /// The harmonic mean of precision and recall: `2 · hits / (taken + alike)`.
    F1;

    /// @param taken pairs above the cut, `hits` of them alike
    /// @param alike all pairs that are
    double of(int taken, int hits, int alike, int all) {
      return switch (this) {
        case ACCURACY -> (double) (hits + (all - alike) - (taken - hits)) / all;
        case F1 -> taken + alike == 0 ? 0 : 2.0 * hits / (taken + alike);
      };
    }
  }

  /// The best threshold, of equally good ones the highest. Every cut between two different scores
  /// is looked at, since the measures are neither smooth nor of one peak.
  ///
  /// @param alike whether the texts of a pair are
  public static Threshold best(double[] scores, boolean[] alike, Measure measure) {
    List<Integer> falling =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer pair) -> scores[pair]).reversed())
            .toList();
    int positives = (int) IntStream.range(0, alike.length).filter(pair -> alike[pair]).count();
    double highest = scores[falling.getFirst()];
    Threshold best = new Threshold(highest, measure.of(0, 0, positives, scores.length));
    int hits = 0;
    for (int taken = 1; taken <= scores.length; taken++) {
      int last = falling.get(taken - 1);
      hits += alike[last] ? 1 : 0;
      boolean end = taken == scores.length;
      if (end || scores[falling.get(taken)] < scores[last]) {
        double cut =
            end ? Double.NEGATIVE_INFINITY : between(scores[falling.get(taken)], scores[last]);
        double value = measure.of(taken, hits, positives, scores.length);
        best = value > best.value ? new Threshold(cut, value) : best;
      }
    }
    return best;
  }

  // Below `high` in any case: between neighbouring numbers the mean may be the higher one.
  private static double between(double low, double high) {
    double mean = low / 2 + high / 2;
    return mean < high ? mean : low;
  }

  /// The measure of other pairs under this cut.
  public double applied(double[] scores, boolean[] alike, Measure measure) {
    int taken = 0;
    int hits = 0;
    int positives = 0;
    for (int pair = 0; pair < scores.length; pair++) {
      boolean above = scores[pair] > cut;
      taken += above ? 1 : 0;
      hits += above && alike[pair] ? 1 : 0;
      positives += alike[pair] ? 1 : 0;
    }
    return measure.of(taken, hits, positives, scores.length);
  }
}
