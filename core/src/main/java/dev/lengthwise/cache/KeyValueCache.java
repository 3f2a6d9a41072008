package dev.lengthwise.cache;

import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.position.Retention;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/// The keys, not rotated, and values of one layer for one text.
///
/// Logical positions and physical rows are separate. The rows are `[kept prefix | recent keys]`,
/// both without gaps; [#append] first drops what the [Retention] of the plan allows to be dropped,
/// and only when that frees enough room to be worth a move, so that a token costs one copy on
/// average. Keys are not rotated, so no later change of frequencies can make them stale.
public final class KeyValueCache implements AutoCloseable {

  private static final int SMALLEST = 64;

  private final int heads;
  private final int headSize;
  private Tensor keys; // [heads, capacity, headSize]
  private Tensor values; // [heads, capacity, headSize]
  private int capacity;
  private int prefixRows; // rows that hold positions 0 … prefixRows − 1
  private long recentStart; // position of the first row after the prefix
  private int recentRows;
  private long mark = Long.MAX_VALUE; // nothing that a query from here on can see is dropped

  /// An empty cache for keys of `heads` heads of `headSize` channels.
  public KeyValueCache(int heads, int headSize) {
    this.heads = heads;
    this.headSize = headSize;
    this.capacity = 0;
    this.keys = allocate(0);
    this.values = allocate(0);
  }

  /// Number of tokens that went through the cache: the position of the next one.
  public long length() {
    return recentStart + recentRows;
  }

  /// Number of keys that are held.
  public int held() {
    return prefixRows + recentRows;
  }

  /// Bytes of memory that keys and values take.
  public long bytes() {
    return 2L * heads * capacity * headSize * Float.BYTES;
  }

  /// Adds the keys and values of the next tokens.
  ///
  /// @param newKeys `[tokens, heads, headSize]`
  /// @param newValues of the same shape
  /// @param retention what the queries of these tokens and all later ones can see
  public void append(Tensor newKeys, Tensor newValues, Retention retention) {
    int tokens = (int) newKeys.size(0);
    long next = length();
    long oldestQuery = Math.min(mark, next);
    int droppable = droppable(retention, oldestQuery);
    if (held() + tokens > capacity || droppable > held() / 2 + tokens) {
      rebuild(retention, oldestQuery, tokens);
    }
    int row = held();
    copyInto(keys, newKeys, row, tokens);
    copyInto(values, newValues, row, tokens);
    recentRows += tokens;
  }

  /// What is held, as input of an attention engine.
  ///
  /// The tensors are views that live as long as the caller's pointer scope.
  public KeyValueRows rows() {
    List<KeySpan> spans = new ArrayList<>();
    if (prefixRows > 0) {
      spans.add(new KeySpan(0, 0, prefixRows));
    }
    if (recentRows > 0) {
      spans.add(new KeySpan(recentStart, prefixRows, recentRows));
    }
    return new KeyValueRows(view(keys), view(values), spans);
  }

  /// Keeps what is needed to come back to this point with [#rewind].
  public void mark() {
    mark = length();
  }

  /// Forgets every token since [#mark], which then no longer holds.
  public void rewind() {
    if (mark > length()) {
      throw new IllegalStateException("rewind without mark");
    }
    recentRows -= (int) (length() - mark);
    mark = Long.MAX_VALUE;
  }

  @Override
  public void close() {
    keys.close();
    values.close();
  }

  // Rows between the prefix and the first key that a query at `next` or later can see.
  private int droppable(Retention retention, long next) {
    if (retention.keepsAll()) {
      return 0;
    }
    long firstVisible = Math.min(retention.firstVisible(next), length());
    long firstDropped = Math.max(recentStart, retention.prefix());
    return (int) Math.max(0, firstVisible - firstDropped);
  }

  private void rebuild(Retention retention, long next, int tokens) {
    int dropped = droppable(retention, next);
    int growPrefix =
        dropped == 0 ? 0 : Math.clamp(retention.prefix() - recentStart, 0, recentRows - dropped);
    int newPrefix = prefixRows + growPrefix;
    int keptRecent = recentRows - dropped - growPrefix;
    int needed = newPrefix + keptRecent + tokens;
    int newCapacity = retention.keepsAll() ? grown(needed) : roomFor(retention, needed, tokens);
    Tensor freshKeys = allocate(newCapacity);
    Tensor freshValues = allocate(newCapacity);
    move(keys, freshKeys, newPrefix, dropped, keptRecent);
    move(values, freshValues, newPrefix, dropped, keptRecent);
    keys.close();
    values.close();
    keys = freshKeys;
    values = freshValues;
    capacity = newCapacity;
    recentStart += growPrefix + dropped;
    prefixRows = newPrefix;
    recentRows = keptRecent;
  }

  // Twice what must be held, so that a move comes once in as many tokens as it moves.
  private static int roomFor(Retention retention, int needed, int tokens) {
    long held = Math.min(retention.prefix() + retention.window(), Integer.MAX_VALUE / 4);
    return (int) Math.max(Math.min(2 * held + tokens, grown(needed)), needed);
  }

  private static int grown(int needed) {
    return (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(SMALLEST, needed + needed / 2L));
  }

  private static void move(Tensor from, Tensor to, int prefix, int dropped, int recent) {
    if (prefix > 0) {
      to.narrow(1, 0, prefix).copy_(from.narrow(1, 0, prefix));
    }
    if (recent > 0) {
      to.narrow(1, prefix, recent).copy_(from.narrow(1, prefix + (long) dropped, recent));
    }
  }

  private static void copyInto(Tensor target, Tensor source, int row, int tokens) {
    target.narrow(1, row, tokens).copy_(source.transpose(0, 1));
  }

  // [heads, capacity, headSize] → [1, capacity, heads, headSize]
  private static Tensor view(Tensor tensor) {
    return tensor.transpose(0, 1).unsqueeze(0);
  }

  // Detached from the caller's pointer scope: the cache outlives it.
  private Tensor allocate(int rows) {
    Tensor tensor =
        torch.empty(
            new long[] {heads, rows, headSize},
            new TensorOptions(torch.ScalarType.Float),
            new org.bytedeco.pytorch.MemoryFormatOptional());
    return tensor.retainReference();
  }
}
