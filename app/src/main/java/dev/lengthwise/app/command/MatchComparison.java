package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairScorer;
import dev.lengthwise.evaluate.ClassCuts;
import dev.lengthwise.evaluate.ClassFactors;
import dev.lengthwise.evaluate.MatchResult;
import dev.lengthwise.evaluate.Threshold;
import dev.lengthwise.evaluate.ThresholdSearch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What another search for thresholds finds, for comparison.
///
/// @param search its name
/// @param measure what it searched for
/// @param validation what the measure is on the pairs that were searched
/// @param test what it is on the others
record MatchComparison(String search, String measure, double validation, double test) {

  /// Of pairs that are alike or not; none of other labels.
  static List<MatchComparison> of(MatchResult.Scored chosen, MatchResult.Scored judged) {
    List<MatchComparison> all = new ArrayList<>();
    if (chosen.isBinary() && judged.isBinary()) {
      for (ThresholdSearch search : ThresholdSearch.values()) {
        for (Threshold.Measure measure : Threshold.Measure.values()) {
          Threshold found = search.search(chosen.scores(), chosen.alike(), measure);
          all.add(
              new MatchComparison(
                  lower(search),
                  lower(measure),
                  found.value(),
                  found.applied(judged.scores(), judged.alike(), measure)));
        }
      }
    }
    return all;
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  /// Of classes whose probabilities are known.
  static MatchComparison ofClasses(
      PairScorer.Interaction scorer, List<LabelledPair> chosen, List<LabelledPair> judged) {
    double[][] shares = scorer.shares(chosen);
    ClassFactors factors = ClassFactors.powell(shares, classes(chosen, shares[0].length));
    return new MatchComparison(
        "powell on class factors",
        "accuracy",
        factors.accuracy(),
        factors.applied(scorer.shares(judged), classes(judged, shares[0].length)));
  }

  private static int[] classes(List<LabelledPair> pairs, int count) {
    int[] classes = ClassCuts.classesOf(LabelledPair.labels(pairs));
    for (int own : classes) {
      if (own >= count) {
        throw new LengthwiseException(
            "A label is %d, and the head of the model has the classes 0 to %d; take the pairs that it was trained for."
                .formatted(own, count - 1));
      }
    }
    return classes;
  }

  /// For people.
  String text() {
    return String.format(
        Locale.ROOT,
        "%s by %s: %.2f on test, %.2f on validation",
        measure,
        search,
        100 * test,
        100 * validation);
  }
}
