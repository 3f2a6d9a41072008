package dev.lengthwise.generate;

import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.cache.KeyValueCache;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// One text on its way through a model: the caches of all layers and the position in the text.
///
/// Not for use by several threads at once. Holds native memory until closed.
public final class Session implements AutoCloseable {

  private static final int FILLED_AT_ONCE = 512;

  private final Runner runner;
  private final List<KeyValueCache> caches;
  private long position;
  private long stepPosition;
  private long marked;
  private long declaredLength;
  private long plannedLength = -1;
  private List<AttentionPlan> plans = List.of();

  /// What runs the text.
  public Runner runner() {
    return runner;
  }

  Session(Runner runner) {
    this.runner = runner;
    ModelShape shape = runner.plans().shape();
    KeyValueShape kept =
        new KeyValueShape(shape.keyValueHeads(), shape.headSize(), runner.cacheType());
    this.caches =
        IntStream.range(0, shape.layers())
            .mapToObj(layer -> runner.engine().newPages(lastingPlan(layer), kept))
            .map(KeyValueCache::new)
            .toList();
  }

  // The plan of a layer that holds for the whole text; null where the length changes it.
  private @Nullable AttentionPlan lastingPlan(int layer) {
    return runner.plans().dependsOnLength() ? null : runner.plans().plan(layer, 1);
  }

  /// Number of tokens so far.
  public long length() {
    return position;
  }

  /// Says how long the whole text will be, for methods that depend on the current length: they use
  /// the greater of this and the number of tokens so far.
  ///
  /// With a declared length, reading a text in chunks or token by token gives what reading it at
  /// once gives.
  public Session declareLength(long tokens) {
    declaredLength = tokens;
    return this;
  }

  /// Runs the next tokens.
  ///
  /// @return `[tokens, hidden]`, in the caller's scope
  public Tensor advance(int... ids) {
    return runner.advance(List.of(new Runner.Step(this, ids))).getFirst();
  }

  /// Logits of hidden states: `[…, hidden]` → `[…, vocabulary]`.
  public Tensor logits(Tensor hidden) {
    return runner.decoder().logits(hidden);
  }

  /// Runs a long text in chunks.
  ///
  /// @param chunk most tokens of one step
  /// @param sink gets the index of the first token of each chunk and its hidden states, which are
  ///     released when it returns
  public void read(int[] ids, int chunk, ChunkSink sink) {
    for (int from = 0; from < ids.length; from += chunk) {
      int until = Math.min(ids.length, from + chunk);
      try (PointerScope _ = new PointerScope()) {
        sink.accept(from, advance(Arrays.copyOfRange(ids, from, until)));
      }
    }
  }

  /// Remembers this point of the text, for [#rewind].
  public void mark() {
    caches.forEach(KeyValueCache::mark);
    marked = position;
  }

  /// Goes back to the marked point, as if nothing had been read since; the mark is used up.
  public void rewind() {
    caches.forEach(KeyValueCache::rewind);
    position = marked;
  }

  /// Tokens whose values are held in each layer.
  public List<Integer> heldKeys() {
    return caches.stream().map(KeyValueCache::held).toList();
  }

  /// Bytes of keys and values.
  public long cacheBytes() {
    return caches.stream().mapToLong(KeyValueCache::bytes).sum();
  }

  /// Appends `tokens` tokens with random keys and values, as if they had been read, so that a
  /// benchmark of a great depth need not pay for a prefill.
  ///
  /// Tokens that nothing to come can see are never written: under a window a million costs what a
  /// few thousand do.
  public void fillForBenchmark(int tokens) {
    ModelShape shape = runner.plans().shape();
    startStep(tokens);
    try (PointerScope _ = new PointerScope()) {
      Tensor random =
          torch.randn(new long[] {FILLED_AT_ONCE, shape.keyValueHeads(), shape.headSize()});
      for (int layer = 0; layer < caches.size(); layer++) {
        KeyValueCache cache = caches.get(layer);
        while (cache.length() < position) {
          cache.skipUnseen(plans.get(layer), position - 1);
          long part = Math.min(FILLED_AT_ONCE, position - cache.length());
          Tensor next = random.narrow(0, 0, part);
          cache.append(next, next, plans.get(layer));
        }
      }
    }
  }

  @Override
  public void close() {
    caches.forEach(KeyValueCache::close);
  }

  void startStep(int tokens) {
    stepPosition = position;
    position += tokens;
    long currentLength = Math.max(declaredLength, position);
    if (plans.isEmpty() || (runner.plans().dependsOnLength() && currentLength != plannedLength)) {
      plans = planned(currentLength);
      plannedLength = currentLength;
    }
  }

  long stepPosition() {
    return stepPosition;
  }

  // keys, values: [tokens, keyValueHeads, headSize] → [1, tokens, heads, headSize]
  Tensor attend(int layer, QueryRows queries, Tensor keys, Tensor values) {
    AttentionPlan plan = plans.get(layer);
    KeyValueCache cache = caches.get(layer);
    cache.append(keys, values, plan);
    return runner.engine().attend(plan, queries, cache.content());
  }

  private List<AttentionPlan> planned(long currentLength) {
    List<AttentionPlan> planned = new ArrayList<>();
    for (int layer = 0; layer < caches.size(); layer++) {
      AttentionPlan plan = runner.plans().plan(layer, currentLength);
      @Nullable AttentionPlan before = planned.isEmpty() ? null : planned.getLast();
      // Equal plans are one object, so that engines find tables of the layer before.
      planned.add(plan.equals(before) ? before : plan);
    }
    return planned;
  }

  /// Takes the hidden states of one chunk.
  @FunctionalInterface
  public interface ChunkSink {

    /// Takes the hidden states `[tokens, hidden]` of tokens from index `first` on.
    void accept(int first, Tensor hidden);
  }
}
