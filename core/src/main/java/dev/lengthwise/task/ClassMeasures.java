package dev.lengthwise.task;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/// How well classes were told: of each, how many examples of it are taken for which.
final class ClassMeasures {

  private final long[][] counts; // [class][prediction]

  /// @param classes of the examples
  /// @param predictions one for each
  /// @param count of all classes
  ClassMeasures(int[] classes, int[] predictions, int count) {
    counts = new long[count][count];
    for (int n = 0; n < classes.length; n++) {
      counts[classes[n]][predictions[n]]++;
    }
  }

  /// `accuracy`, `macroF1` and `matthews` by name.
  Map<String, Double> all() {
    Map<String, Double> measures = new LinkedHashMap<>();
    measures.put("accuracy", accuracy());
    measures.put("macroF1", macroF1());
    measures.put("matthews", matthews());
    return measures;
  }

  private long total() {
    return Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
  }

  private long right() {
    return IntStream.range(0, counts.length).mapToLong(own -> counts[own][own]).sum();
  }

  private long of(int own) {
    return Arrays.stream(counts[own]).sum();
  }

  private long takenFor(int own) {
    return Arrays.stream(counts).mapToLong(row -> row[own]).sum();
  }

  double accuracy() {
    return (double) right() / total();
  }

  /// The mean of `2 TP / (2 TP + FP + FN)` over the classes that occur, among examples or
  /// predictions.
  double macroF1() {
    return IntStream.range(0, counts.length)
        .filter(own -> of(own) + takenFor(own) > 0)
        .mapToDouble(own -> 2.0 * counts[own][own] / (of(own) + takenFor(own)))
        .average()
        .orElse(0);
  }

  /// The correlation of classes and predictions; 0 where either are all the same.
  ///
  /// Source: J. Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation
  /// coefficient".
  double matthews() {
    double examples = total();
    double both = 0;
    double classes = 0;
    double predictions = 0;
    for (int own = 0; own < counts.length; own++) {
      both += (double) of(own) * takenFor(own);
      classes += (double) of(own) * of(own);
      predictions += (double) takenFor(own) * takenFor(own);
    }
    double scale = (examples * examples - classes) * (examples * examples - predictions);
    return scale == 0 ? 0 : (right() * examples - both) / Math.sqrt(scale);
  }
}
