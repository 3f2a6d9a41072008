package dev.lengthwise.encode;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.hipparchus.stat.correlation.PearsonsCorrelation;
import org.hipparchus.stat.correlation.SpearmansCorrelation;

/// How well scores follow labels.
public final class RankCorrelation {

  private RankCorrelation() {}

  /// Spearman's correlation: that of Pearson between the ranks, equal numbers sharing the mean of
  /// theirs. Undefined where all scores or all labels are equal, or there are fewer than two.
  public static OptionalDouble spearman(double[] scores, double[] labels) {
    return isDefined(scores, labels)
        ? OptionalDouble.of(new SpearmansCorrelation().correlation(scores, labels))
        : OptionalDouble.empty();
  }

  /// Pearson's correlation; undefined as [#spearman].
  public static OptionalDouble pearson(double[] scores, double[] labels) {
    return isDefined(scores, labels)
        ? OptionalDouble.of(new PearsonsCorrelation().correlation(scores, labels))
        : OptionalDouble.empty();
  }

  private static boolean isDefined(double[] scores, double[] labels) {
    return varies(scores) && varies(labels);
  }

  private static boolean varies(double[] numbers) {
    return Arrays.stream(numbers).distinct().limit(2).count() == 2;
  }
}
