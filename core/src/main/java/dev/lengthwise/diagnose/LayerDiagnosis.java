package dev.lengthwise.diagnose;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is known of one layer; a part that nobody asked for is `null` or empty.
///
/// @param layer index of the layer
/// @param attention what it does on the text
/// @param decay from the least distance on
public record LayerDiagnosis(
    int layer, @Nullable AttentionSummary attention, List<ScoreDecay> decay) {

  /// Copies the list.
  public LayerDiagnosis {
    decay = List.copyOf(decay);
  }

  /// What can be looked at.
  public enum Part {
    /// Scores, entropy and shares of the weights: [AttentionSummary].
    ATTENTION,
    /// Scores of equal content by distance: [ScoreDecay].
    DECAY
  }

  /// The same with the means of [OctaveBuckets]; each stands at the last place of its bucket.
  public LayerDiagnosis inBuckets() {
    return new LayerDiagnosis(
        layer,
        attention == null ? null : attention.inBuckets(),
        OctaveBuckets.split(decay, ScoreDecay::distance).stream()
            .map(LayerDiagnosis::mean)
            .toList());
  }

  private static ScoreDecay mean(List<ScoreDecay> bucket) {
    return new ScoreDecay(
        bucket.getLast().distance(),
        OctaveBuckets.mean(bucket, ScoreDecay::score),
        OctaveBuckets.mean(bucket, ScoreDecay::bound));
  }
}
