package dev.lengthwise.diagnose;

import java.util.List;

/// What attention of one layer does on a text: the scores before they become weights, and where the
/// weights go.
///
/// Source: Han et al. 2023, "LM-Infinite", figures on unseen distances (scores that explode) and on
/// unseen numbers of tokens (entropy that grows).
///
/// @param layer index of the layer
/// @param distances from the least on
/// @param positions from the first token on
/// @param terms of the scores, where queries or keys have biases; empty where there is none
public record AttentionSummary(
    int layer, List<AtDistance> distances, List<AtPosition> positions, List<ScoreTerms> terms) {

  /// Copies the lists.
  public AttentionSummary {
    distances = List.copyOf(distances);
    positions = List.copyOf(positions);
    terms = List.copyOf(terms);
  }

  /// The scores of all pairs at one distance.
  ///
  /// @param distance query index minus key index
  /// @param mean over heads and pairs
  /// @param greatest of all heads and pairs
  /// @param pairs how many there are
  public record AtDistance(int distance, double mean, double greatest, long pairs) {}

  /// The weights of one query, means over heads; shares of 0 to 1.
  ///
  /// @param position tokens up to the query, with it
  /// @param entropy of the weights, in nats
  /// @param first share of the first keys of the text
  /// @param recent share of keys nearby that are none of the first
  /// @param beyond share of keys past the trained length that are none of the first
  public record AtPosition(
      int position, double entropy, double first, double recent, double beyond) {

    private int index() {
      return position - 1; // so that a bucket ends at a power of two, as texts do
    }
  }

  /// Which keys the shares are about.
  ///
  /// @param first number of first keys
  /// @param recent keys at a smaller distance than this are nearby
  /// @param trainedLength keys at this distance or farther are past it
  public record Zones(long first, long recent, long trainedLength) {

    /// Checks the numbers.
    public Zones {
      if (first < 0 || recent < 0 || trainedLength < recent) {
        throw new IllegalArgumentException(
            "first and recent keys must be 0 or more, and recent at most the trained length");
      }
    }
  }

  /// The same with the means of [LogDistanceBuckets]; each stands at the last place of its bucket.
  public AttentionSummary inBuckets() {
    return new AttentionSummary(
        layer,
        LogDistanceBuckets.split(distances, AtDistance::distance).stream()
            .map(AttentionSummary::joined)
            .toList(),
        LogDistanceBuckets.split(positions, AtPosition::index).stream()
            .map(AttentionSummary::mean)
            .toList(),
        LogDistanceBuckets.split(terms, ScoreTerms::distance).stream()
            .map(AttentionSummary::meanTerms)
            .toList());
  }

  /// All pairs of some distances, as if they were at the last of them; `distances` has one or more.
  public static AtDistance joined(List<AtDistance> distances) {
    long pairs = distances.stream().mapToLong(AtDistance::pairs).sum();
    double sum = distances.stream().mapToDouble(at -> at.mean() * at.pairs()).sum();
    double greatest = distances.stream().mapToDouble(AtDistance::greatest).max().orElseThrow();
    return new AtDistance(distances.getLast().distance(), sum / pairs, greatest, pairs);
  }

  private static AtPosition mean(List<AtPosition> bucket) {
    return new AtPosition(
        bucket.getLast().position(),
        LogDistanceBuckets.mean(bucket, AtPosition::entropy),
        LogDistanceBuckets.mean(bucket, AtPosition::first),
        LogDistanceBuckets.mean(bucket, AtPosition::recent),
        LogDistanceBuckets.mean(bucket, AtPosition::beyond));
  }

  private static ScoreTerms meanTerms(List<ScoreTerms> bucket) {
    return new ScoreTerms(
        bucket.getLast().layer(),
        bucket.getLast().distance(),
        LogDistanceBuckets.mean(bucket, ScoreTerms::content),
        LogDistanceBuckets.mean(bucket, ScoreTerms::queryBias),
        LogDistanceBuckets.mean(bucket, ScoreTerms::keyBias),
        LogDistanceBuckets.mean(bucket, ScoreTerms::bothBiases));
  }
}
