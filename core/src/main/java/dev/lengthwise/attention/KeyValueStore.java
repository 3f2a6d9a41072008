package dev.lengthwise.attention;

import dev.lengthwise.position.AttentionPlan;
import org.bytedeco.pytorch.Tensor;

/// The keys and values of one text, which grow with it: in pages that the kernels read, or in
/// libtorch's tensors on any device.
///
/// Holds native memory until closed. Not for use by several threads at once. It is not sealed,
/// since the kinds of memory lie in `cache`, above what engines promise.
public non-sealed interface KeyValueStore extends KeyValues, AutoCloseable {

  /// Tokens that were written: the position of the next one.
  long length();

  /// Tokens whose values are held.
  HeldTokens held();

  /// Bytes of memory, those of forks that share it included.
  long bytes();

  /// Bytes of the memory that stays while this store does, whoever else uses it.
  long heldBytes();

  /// Writes the keys and values of the next tokens.
  ///
  /// @param newKeys `[tokens, heads, headSize]`, not rotated, f32
  /// @param newValues `[tokens, heads, valueSize]`, f32
  void append(Tensor newKeys, Tensor newValues);

  /// The same of rows in memory, for stores of engines that read it
  /// ([Attention#attendsInMemory()]).
  ///
  /// @param newKeys batch 1
  /// @throws UnsupportedOperationException of other stores
  default void append(HeadRows newKeys, HeadRows newValues) {
    throw new UnsupportedOperationException("these keys and values lie in tensors");
  }

  /// Drops what no query at `oldestQuery` or later sees under `plan`; some of it may stay.
  void drop(AttentionPlan plan, long oldestQuery);

  /// Whether everything is held that a query at `query` or later sees of the tokens before `query`.
  boolean holdsFor(AttentionPlan plan, long query);

  /// Goes on to the first token that may matter to a query at `query` or later under `plan`; tokens
  /// before it are never written. Does nothing while a token that stays for ever is still to come.
  void skipUnseen(AttentionPlan plan, long query);

  /// The keys and values of a text of its own that begins with the same tokens.
  KeyValueStore fork();

  /// Forgets every token from position `newLength` on; those before it must be held.
  void truncate(long newLength);

  @Override
  void close();
}
