package dev.lengthwise.attention;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ScoreRule;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// An engine that executes attention plans.
///
/// The reference engine, `ReferenceAttention`, is the specification; every other engine is tested
/// against it.
public interface Attention {

  /// Attends from every query to the keys that the plan lets it see.
  ///
  /// Channels are in half-split rotary layout. Query head `h` reads key head
  /// `h / (heads / keyValueHeads)`. Every query must see at least one of the keys.
  ///
  /// @return `[batch, rows, heads, valueSize]`, of the type of the queries
  Tensor attend(AttentionPlan plan, QueryRows queries, KeyValues keyValues);

  /// The same for one text in memory, without a tensor, for engines that have such a way.
  ///
  /// @param queries batch 1
  /// @param firstPosition index in the text of the first row
  /// @param output gets `[1, rows, heads, valueSize]`
  /// @throws UnsupportedOperationException where [#attendsInMemory()] says no
  default void attend(
      AttentionPlan plan,
      HeadRows queries,
      long firstPosition,
      KeyValues keyValues,
      HeadRows output) {
    throw new UnsupportedOperationException("this engine reads tensors");
  }

  /// Whether this engine and its stores read memory as well as tensors.
  default boolean attendsInMemory() {
    return false;
  }

  /// Whether this engine runs layers with this rule.
  default boolean supports(ScoreRule rule) {
    return true;
  }

  /// Whether this engine runs plans that see keys ahead of their queries.
  default boolean seesAhead() {
    return true;
  }

  /// Memory for the keys and values of one text, in the form that this engine reads best.
  ///
  /// @param plan the plan of the layer; `null` when it will change, so that keys must be kept as
  ///     they are
  KeyValueStore newStore(@Nullable AttentionPlan plan, KeyValueShape shape);

  /// The bytes that such a store will have once a text has been read, before there is any.
  ///
  /// @param plan of the layer, which says what is forgotten
  /// @param lasts whether the plan stays the same, so that [#newStore] is given it
  /// @param steps how the text is read
  long storeBytes(AttentionPlan plan, boolean lasts, KeyValueShape shape, ReadingSteps steps);
}
