package dev.lengthwise.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The weights of a feed-forward block of experts.
///
/// @param rule how experts are chosen and weighed
/// @param router `hidden → experts`
/// @param correction `[experts]`, added to shares for the choice; or `null`
/// @param experts each of them
record ExpertWeights(
    FeedForward.Experts rule,
    Projection router,
    @Nullable Tensor correction,
    List<Expert> experts) {

  /// Copies the list.
  ExpertWeights {
    experts = List.copyOf(experts);
  }

  /// A gated block.
  record Expert(Projection gate, Projection up, Projection down) {}
}
