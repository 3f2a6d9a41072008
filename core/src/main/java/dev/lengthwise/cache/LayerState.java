package dev.lengthwise.cache;

import dev.lengthwise.position.AttentionPlan;

/// What one layer remembers of one text.
public sealed interface LayerState extends AutoCloseable permits KeyValueCache, RecurrentState {

  /// Bytes of memory that it takes, those of forks that share it included.
  long bytes();

  /// Bytes of the memory that stays while this state does, whoever else uses it.
  long heldBytes();

  /// Keeps what is needed to come back with [#rewind] to the point `ahead` tokens from here, in the
  /// place of an earlier mark.
  void mark(int ahead);

  /// Whether [#rewind] can go back to `length` tokens: what the tokens after them will see is held.
  ///
  /// @param plan of the layer, for a layer with attention
  boolean canRewind(AttentionPlan plan, long length);

  /// Forgets every token from `length` on, and a mark beyond it.
  void rewind(long length);

  /// What the layer remembers of a text of its own that begins with the same tokens, without mark.
  LayerState fork();

  @Override
  void close();
}
