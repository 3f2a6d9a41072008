package dev.lengthwise.diagnose;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is known of one layer; a part that nobody asked for is `null` or empty.
///
/// @param layer index of the layer
/// @param attention what it does on the text
/// @param decay from the least distance on
/// @param order of every head
/// @param states after the layer
public record LayerDiagnosis(
    int layer,
    @Nullable AttentionSummary attention,
    List<ScoreDecay> decay,
    List<OrderBreaking> order,
    @Nullable HiddenStatePca states) {

  /// Copies the lists.
  public LayerDiagnosis {
    decay = List.copyOf(decay);
    order = List.copyOf(order);
  }

  /// What can be looked at.
  public enum Part {
    /// Scores, entropy and shares of the weights: [AttentionSummary].
    ATTENTION,
    /// Scores of equal content by distance: [ScoreDecay].
    DECAY,
    /// Pairs whose scores first rise with the distance: [OrderBreaking].
    ORDER,
    /// Hidden states in the plane of their principal components: [HiddenStatePca].
    PCA
  }

  /// The same with the means of [LogDistanceBuckets]; each stands at the last place of its bucket.
  public LayerDiagnosis inBuckets() {
    return new LayerDiagnosis(
        layer,
        attention == null ? null : attention.inBuckets(),
        LogDistanceBuckets.split(decay, ScoreDecay::distance).stream()
            .map(LayerDiagnosis::mean)
            .toList(),
        order,
        states);
  }

  private static ScoreDecay mean(List<ScoreDecay> bucket) {
    return new ScoreDecay(
        bucket.getLast().distance(),
        LogDistanceBuckets.mean(bucket, ScoreDecay::score),
        LogDistanceBuckets.mean(bucket, ScoreDecay::bound));
  }
}
