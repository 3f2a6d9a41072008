package dev.lengthwise.generate;

import dev.lengthwise.generate.SamplingStep.MinP;
import dev.lengthwise.generate.SamplingStep.TopNSigma;
import dev.lengthwise.generate.SamplingStep.TopP;
import dev.lengthwise.generate.SamplingStep.Typical;
import dev.lengthwise.generate.SamplingStep.Xtc;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// The steps that leave candidates out, as pure functions of the candidates.
final class Truncation {

  private Truncation() {}

  static void apply(TopNSigma step, Candidates candidates) {
    candidates.sorted();
    double mean = 0;
    for (int rank = 0; rank < candidates.count(); rank++) {
      mean += candidates.logit(rank) / candidates.count();
    }
    double variance = 0;
    for (int rank = 0; rank < candidates.count(); rank++) {
      double distance = candidates.logit(rank) - mean;
      variance += distance * distance / candidates.count();
    }
    double least = candidates.logit(0) - step.deviations() * Math.sqrt(variance);
    int kept = candidates.count();
    while (kept > 1 && candidates.logit(kept - 1) < least) {
      kept--;
    }
    candidates.keep(0, kept);
  }

  static void apply(Typical step, Candidates candidates) {
    double[] shares = candidates.probabilities();
    double entropy = 0;
    for (double share : shares) {
      entropy -= share == 0 ? 0 : share * Math.log(share);
    }
    double middle = entropy;
    int[] nearest =
        IntStream.range(0, shares.length)
            .boxed()
            .sorted(Comparator.comparingDouble(rank -> Math.abs(-Math.log(shares[rank]) - middle)))
            .mapToInt(Integer::intValue)
            .toArray();
    double sum = 0;
    int kept = 0;
    while (kept < nearest.length && sum < step.mass()) {
      sum += shares[nearest[kept++]];
    }
    int[] ranks = Arrays.copyOf(nearest, kept);
    Arrays.sort(ranks);
    candidates.keep(ranks);
  }

  static void apply(TopP step, Candidates candidates) {
    double[] shares = candidates.probabilities();
    double sum = 0;
    int kept = 0;
    while (kept < shares.length && sum < step.mass()) {
      sum += shares[kept++];
    }
    candidates.keep(0, kept);
  }

  static void apply(MinP step, Candidates candidates) {
    double[] shares = candidates.probabilities();
    double least = step.share() * shares[0];
    int kept = shares.length;
    while (kept > 1 && shares[kept - 1] < least) {
      kept--;
    }
    candidates.keep(0, kept);
  }

  /// @param chance uniform in `[0, 1)`
  static void apply(Xtc step, Candidates candidates, double chance) {
    if (chance >= step.probability()) {
      return;
    }
    double[] shares = candidates.probabilities();
    int above = 0;
    while (above < shares.length && shares[above] >= step.threshold()) {
      above++;
    }
    candidates.keep(Math.max(0, above - 1), candidates.count());
  }
}
