package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairScorer;
import dev.lengthwise.encode.RankCorrelation;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// How well scores of pairs of texts follow their labels, on pairs that no threshold was chosen on.
///
/// @param pairs number of test pairs
/// @param spearman correlation of ranks; `null` where it is undefined
/// @param pearson correlation; `null` where it is undefined
/// @param undefined why correlations are, or `null`
/// @param accuracy share of pairs in their class; `null` where labels are no classes
/// @param f1 of the pairs that are alike; `null` unless labels are 0 and 1
/// @param accuracyCuts thresholds that were chosen on validation for accuracy
/// @param f1Cut the same for F1
public record MatchResult(
    int pairs,
    @Nullable Double spearman,
    @Nullable Double pearson,
    @Nullable String undefined,
    @Nullable Double accuracy,
    @Nullable Double f1,
    List<Double> accuracyCuts,
    @Nullable Double f1Cut) {

  /// Copies the cuts.
  public MatchResult {
    accuracyCuts = List.copyOf(accuracyCuts);
  }

  /// Scores of pairs with their labels.
  @SuppressWarnings("ArrayRecordComponent") // made for one result, and never compared
  public record Scored(double[] scores, double[] labels) {

    /// Checks that there are pairs, each with both numbers.
    public Scored {
      if (scores.length == 0 || scores.length != labels.length) {
        throw new IllegalArgumentException(
            "%d scores for %d labels".formatted(scores.length, labels.length));
      }
    }

    /// The scores of some pairs, all of which have labels.
    public static Scored of(PairScorer scorer, List<LabelledPair> pairs) {
      return new Scored(scorer.scores(pairs), LabelledPair.labels(pairs));
    }

    /// Whether all labels are 0 or 1.
    public boolean isBinary() {
      return Arrays.stream(labels).allMatch(label -> label == 0 || label == 1);
    }

    /// Whether each label is above 0.
    public boolean[] alike() {
      boolean[] alike = new boolean[labels.length];
      for (int pair = 0; pair < alike.length; pair++) {
        alike[pair] = labels[pair] > 0;
      }
      return alike;
    }
  }

  /// Judges scores.
  ///
  /// @param validation thresholds are chosen on these
  /// @param test and hold on these
  /// @param classes whether whole labels are classes, even where they are not only 0 and 1
  /// @throws LengthwiseException where labels are wanted as classes and are none
  public static MatchResult of(Scored validation, Scored test, boolean classes) {
    if (validation.isBinary() && test.isBinary()) {
      return ofTwo(validation, test);
    }
    return classes
        ? ofClasses(validation, test)
        : withCorrelations(test, null, null, List.of(), null);
  }

  private static MatchResult ofTwo(Scored validation, Scored test) {
    Threshold accuracy =
        Threshold.best(validation.scores, validation.alike(), Threshold.Measure.ACCURACY);
    Threshold f1 = Threshold.best(validation.scores, validation.alike(), Threshold.Measure.F1);
    return withCorrelations(
        test,
        accuracy.applied(test.scores, test.alike(), Threshold.Measure.ACCURACY),
        f1.applied(test.scores, test.alike(), Threshold.Measure.F1),
        List.of(accuracy.cut()),
        f1.cut());
  }

  private static MatchResult ofClasses(Scored validation, Scored test) {
    int[] chosen = classesOf(validation, "validation");
    int[] judged = classesOf(test, "test");
    int count = 1 + IntStream.concat(IntStream.of(chosen), IntStream.of(judged)).max().orElse(0);
    ClassCuts cuts = ClassCuts.best(validation.scores, chosen, count);
    return withCorrelations(test, cuts.applied(test.scores, judged), null, cuts.cuts(), null);
  }

  private static MatchResult withCorrelations(
      Scored test,
      @Nullable Double accuracy,
      @Nullable Double f1,
      List<Double> accuracyCuts,
      @Nullable Double f1Cut) {
    Double spearman = orNull(RankCorrelation.spearman(test.scores, test.labels));
    return new MatchResult(
        test.scores.length,
        spearman,
        orNull(RankCorrelation.pearson(test.scores, test.labels)),
        spearman == null ? reason(test) : null,
        accuracy,
        f1,
        accuracyCuts,
        f1Cut);
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static String reason(Scored test) {
    boolean scores = Arrays.stream(test.scores).distinct().count() < 2;
    return "Correlations are undefined: all %d %s are equal."
        .formatted(test.scores.length, scores ? "scores" : "labels");
  }

  private static int[] classesOf(Scored pairs, String place) {
    int[] classes = ClassCuts.classesOf(pairs.labels);
    if (classes.length == 0) {
      throw new LengthwiseException(
          "Labels of the %s pairs are not all whole numbers from 0 to %d, so they are no classes; leave --classes out for degrees."
              .formatted(place, ClassCuts.MOST));
    }
    return classes;
  }
}
