package dev.lengthwise.bench;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.KeyValueStore;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.position.AttentionPlan;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Causal attention over a whole text, without the model around it.
public final class AttentionAlone implements Benchmark {

  /// Query heads and key heads.
  public static final int HEADS = 32;

  /// Channels of a head.
  public static final int HEAD_SIZE = 64;

  private final Attention engine;
  private final AttentionPlan plan;
  private final Tensor rows; // [1, tokens, heads, headSize]: queries, keys and values
  private final KeyValueStore pages;
  private final int chunk;

  /// Attention of `tokens` random tokens under `plan`, with keys and values kept as `type`.
  ///
  /// @param chunk queries of one call, as in a prefill
  public AttentionAlone(
      Attention engine, AttentionPlan plan, int tokens, CacheType type, int chunk) {
    this.chunk = chunk;
    this.engine = engine;
    this.plan = plan;
    this.pages = engine.newStore(plan, new KeyValueShape(HEADS, HEAD_SIZE, type));
    try (PointerScope _ = new PointerScope()) {
      this.rows = torch.randn(new long[] {1, tokens, HEADS, HEAD_SIZE}).retainReference();
      pages.append(rows.select(0, 0), rows.select(0, 0));
    }
  }

  /// Operations on the pairs that see each other: two products of `headSize` channels a pair.
  @Override
  public Work work() {
    return new Work(rows.size(1), operations(VisiblePairs.of(plan, rows.size(1))), 0);
  }

  /// Operations on all pairs of the tiles that hold such a pair.
  public double tileOperations() {
    return operations(VisiblePairs.inTiles(plan, rows.size(1)));
  }

  private static double operations(double pairs) {
    return 4.0 * HEADS * HEAD_SIZE * pairs;
  }

  @Override
  public void run() {
    long tokens = rows.size(1);
    for (long first = 0; first < tokens; first += chunk) {
      try (PointerScope _ = new PointerScope()) {
        Tensor queries = rows.narrow(1, first, Math.min(chunk, tokens - first));
        engine.attend(plan, new QueryRows(queries, first), pages);
      }
    }
  }

  @Override
  public void close() {
    rows.close();
    pages.close();
  }
}
