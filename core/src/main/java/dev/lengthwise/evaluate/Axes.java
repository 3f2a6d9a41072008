package dev.lengthwise.evaluate;

import java.util.List;

/// What a task varies, and how much it measures.
///
/// @param lengths text lengths in tokens, ascending
/// @param depths where a needle lies: 0 the start of the text, 1 its end
/// @param trials repetitions of each cell
/// @param document the text of loss measurements, as tokens
/// @param windows number of windows of the document
/// @param scored last targets of each window that count, the same at every length
/// @param seed of all random choices
public record Axes(
    List<Integer> lengths,
    List<Double> depths,
    int trials,
    int[] document,
    int windows,
    int scored,
    long seed) {

  /// Checks and copies.
  public Axes {
    lengths = List.copyOf(lengths);
    depths = List.copyOf(depths);
    document = document.clone();
    if (lengths.isEmpty() || lengths.stream().anyMatch(length -> length < 2)) {
      throw new IllegalArgumentException("lengths must be 2 or more, found " + lengths);
    }
    if (depths.stream().anyMatch(depth -> !(depth >= 0 && depth <= 1))) {
      throw new IllegalArgumentException("depths must lie between 0 and 1, found " + depths);
    }
    if (trials <= 0 || windows <= 0 || scored <= 0) {
      throw new IllegalArgumentException(
          "trials, windows and last tokens that count must be positive, found %d, %d and %d"
              .formatted(trials, windows, scored));
    }
  }

  /// The same with other lengths.
  public Axes withLengths(List<Integer> others) {
    return new Axes(others, depths, trials, document, windows, scored, seed);
  }

  /// The greatest length.
  public int longest() {
    return lengths.stream().mapToInt(Integer::intValue).max().orElseThrow();
  }

  /// The smallest length.
  public int shortest() {
    return lengths.stream().mapToInt(Integer::intValue).min().orElseThrow();
  }
}
