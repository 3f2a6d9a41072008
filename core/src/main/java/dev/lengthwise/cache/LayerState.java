package dev.lengthwise.cache;

import dev.lengthwise.position.AttentionPlan;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

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

  /// Writes what the layer remembers, for [#read].
  ///
  /// @throws dev.lengthwise.LengthwiseException of a kind of memory that cannot be written
  void write(DataOutput out) throws IOException;

  /// Takes in what [#write] wrote of the same layer under the same plan, in the place of nothing.
  ///
  /// @param tokens that it remembers
  /// @throws IOException when it remembers others, or something else is written there
  void read(DataInput in, long tokens) throws IOException;

  @Override
  void close();
}
