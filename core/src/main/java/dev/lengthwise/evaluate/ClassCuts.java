package dev.lengthwise.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Cuts between scores that tell classes of growing likeness apart, such as contradiction, neutral
/// and entailment: a pair has as many cuts below its score as its class says.
///
/// @param cuts one fewer than classes, rising
/// @param accuracy share of pairs in their class, where they were chosen
public record ClassCuts(List<Double> cuts, double accuracy) {

  /// The greatest label that is a class: more classes are a mistake in the file.
  public static final int MOST = 99;

  /// Copies the cuts.
  public ClassCuts {
    cuts = List.copyOf(cuts);
  }

  /// The cuts of the greatest accuracy. The best way to give the first `n` pairs of the order of
  /// scores to the first `c` classes follows from the best ways for fewer of either, so no choice
  /// of cuts is better.
  ///
  /// @param classes of the pairs, from 0
  /// @param count number of classes
  public static ClassCuts best(double[] scores, int[] classes, int count) {
    List<Integer> rising =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(pair -> scores[pair]))
            .toList();
    int all = scores.length;
    int[][] right = new int[count][all + 1]; // the most pairs in their class
    int[][] begin = new int[count][all + 1]; // where the last of the classes begins
    for (int own = 0; own < count; own++) {
      int best = Integer.MIN_VALUE;
      int from = 0;
      int seen = 0; // of this class so far
      for (int n = 0; n <= all; n++) {
        seen += n > 0 && classes[rising.get(n - 1)] == own ? 1 : 0;
        boolean cuttable = n == 0 || n == all || scores[rising.get(n - 1)] < scores[rising.get(n)];
        int before = own == 0 ? (n == 0 ? 0 : Integer.MIN_VALUE) : right[own - 1][n];
        if (cuttable && before != Integer.MIN_VALUE && before - seen > best) {
          best = before - seen;
          from = n;
        }
        right[own][n] = best == Integer.MIN_VALUE ? Integer.MIN_VALUE : best + seen;
        begin[own][n] = from;
      }
    }
    List<Double> cuts = new ArrayList<>();
    int end = all;
    for (int own = count - 1; own > 0; own--) {
      end = begin[own][end];
      cuts.add(cut(scores, rising, end));
    }
    Collections.reverse(cuts);
    return new ClassCuts(cuts, (double) right[count - 1][all] / all);
  }

  private static double cut(double[] scores, List<Integer> rising, int place) {
    if (place == 0) {
      return Double.NEGATIVE_INFINITY;
    }
    double low = scores[rising.get(place - 1)];
    if (place == scores.length) {
      return low;
    }
    double high = scores[rising.get(place)];
    double mean = low / 2 + high / 2;
    return mean < high ? mean : low;
  }

  /// The class of a score.
  public int classOf(double score) {
    return (int) cuts.stream().filter(cut -> score > cut).count();
  }

  /// The share of other pairs in their class.
  public double applied(double[] scores, int[] classes) {
    long right =
        IntStream.range(0, scores.length)
            .filter(pair -> classOf(scores[pair]) == classes[pair])
            .count();
    return (double) right / scores.length;
  }

  /// Classes of labels that are whole numbers from 0 to [#MOST], or an empty array.
  public static int[] classesOf(double[] labels) {
    boolean whole =
        Arrays.stream(labels)
            .allMatch(label -> label >= 0 && label <= MOST && label == Math.rint(label));
    return whole ? Arrays.stream(labels).mapToInt(label -> (int) label).toArray() : new int[0];
  }
}
