package dev.lengthwise.encode;

import java.util.List;

/// Two texts and how much they have in common.
///
/// @param first one text
/// @param second the other
/// @param label a class, or a degree: the greater, the more alike; NaN where none is known
public record LabelledPair(String first, String second, double label) {

  /// Whether a label is known.
  public boolean isLabelled() {
    return !Double.isNaN(label);
  }

  /// The labels of some pairs, in their order.
  public static double[] labels(List<LabelledPair> pairs) {
    return pairs.stream().mapToDouble(LabelledPair::label).toArray();
  }
}
