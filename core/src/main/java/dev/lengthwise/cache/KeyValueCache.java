package dev.lengthwise.cache;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.attention.HeldTokens;
import dev.lengthwise.attention.KeyValueStore;
import dev.lengthwise.attention.KeyValues;
import dev.lengthwise.position.AttentionPlan;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.bytedeco.pytorch.Tensor;

/// The keys and values of one layer for one text, and what of them may be forgotten.
///
/// Which pages can be dropped follows from the regions of the plan: a page goes when no later query
/// can see any of its keys. Nothing is ever moved, so a token costs no copies, and the memory of a
/// window or a Λ-shaped mask is flat.
public final class KeyValueCache implements LayerState {

  private final KeyValueStore store;
  private long mark = Long.MAX_VALUE; // nothing that a query from here on can see is dropped

  /// A cache over an empty store, which it closes.
  public KeyValueCache(KeyValueStore store) {
    this.store = store;
  }

  /// Number of tokens that went through the cache: the position of the next one.
  public long length() {
    return store.length();
  }

  /// The tokens whose values are held.
  public HeldTokens held() {
    return store.held();
  }

  @Override
  public long bytes() {
    return store.bytes();
  }

  @Override
  public long heldBytes() {
    return store.heldBytes();
  }

  /// Adds the keys and values of the next tokens.
  ///
  /// @param newKeys `[tokens, heads, headSize]`, not rotated
  /// @param newValues of the same shape
  /// @param plan what the queries of these tokens and all later ones can see
  public void append(Tensor newKeys, Tensor newValues, AttentionPlan plan) {
    store.drop(plan, Math.min(mark, length()));
    store.append(newKeys, newValues);
  }

  /// The same of rows in memory: see [KeyValueStore#append(HeadRows, HeadRows)].
  public void append(HeadRows newKeys, HeadRows newValues, AttentionPlan plan) {
    store.drop(plan, Math.min(mark, length()));
    store.append(newKeys, newValues);
  }

  /// Goes on, but not beyond `query`, without writing tokens that no query at `query` or later sees
  /// under `plan`: as if they had been appended and forgotten. Does nothing while one of the tokens
  /// that stay for ever, or of their page, is still to be appended.
  public void skipUnseen(AttentionPlan plan, long query) {
    store.skipUnseen(plan, Math.min(mark, query));
  }

  /// What is held, as input of an attention engine; valid until the next append.
  public KeyValues content() {
    return store;
  }

  @Override
  public void mark(int ahead) {
    mark = length() + ahead;
  }

  @Override
  public boolean canRewind(AttentionPlan plan, long length) {
    return length <= length() && store.holdsFor(plan, length);
  }

  @Override
  public void rewind(long length) {
    store.truncate(length);
    mark = mark >= length ? Long.MAX_VALUE : mark;
  }

  @Override
  public KeyValueCache fork() {
    return new KeyValueCache(store.fork());
  }

  @Override
  public void write(DataOutput out) throws IOException {
    pages().write(out);
  }

  @Override
  public void read(DataInput in, long tokens) throws IOException {
    pages().read(in, tokens);
  }

  private KeyValuePages pages() {
    if (store instanceof KeyValuePages pages) {
      return pages;
    }
    throw new LengthwiseException(
        "Keys and values that lie in tensors are not saved; use the vector engine, which keeps"
            + " them in pages");
  }

  @Override
  public void close() {
    store.close();
  }
}
