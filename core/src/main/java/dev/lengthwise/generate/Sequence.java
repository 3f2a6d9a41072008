package dev.lengthwise.generate;

import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.cache.KeyValueCache;
import dev.lengthwise.cache.LayerState;
import dev.lengthwise.cache.RecurrentState;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.recurrence.ComplexTensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// One text on its way through a model: what all layers remember of it, and the position in it.
///
/// Not for use by several threads at once. Holds native memory until closed.
public final class Sequence implements AutoCloseable {

  private static final int FILLED_AT_ONCE = 512;
  private static final long NO_MARK = -1;

  private final InferenceModel inference;
  private final List<LayerState> states;
  private long position;
  private long stepPosition;
  private long marked = NO_MARK;
  private long declaredLength;
  private long plannedLength = -1;
  private List<AttentionPlan> plans; // of the layers; none yet where the length changes them

  /// What runs the text.
  public InferenceModel inference() {
    return inference;
  }

  Sequence(InferenceModel inference) {
    this.inference = inference;
    this.plans = inference.plans().dependsOnLength() ? List.of() : planned(1);
    this.states =
        IntStream.range(0, inference.plans().shape().layers()).mapToObj(this::newState).toList();
  }

  private Sequence(Sequence origin) {
    this.inference = origin.inference;
    this.states = origin.states.stream().map(LayerState::fork).toList();
    this.position = origin.position;
    this.declaredLength = origin.declaredLength;
    this.plannedLength = origin.plannedLength;
    this.plans = origin.plans;
  }

  /// A sequence for a text of its own that begins with the same tokens, without mark. What both
  /// have read is shared; the two may go on in different threads, from when this has returned.
  public Sequence fork() {
    return new Sequence(this);
  }

  private LayerState newState(int layer) {
    return switch (inference.decoder().spec().layers().get(layer).mixer()) {
      case Mixer.Attention _, Mixer.LatentAttention _, Mixer.GatedUnit _ ->
          new KeyValueCache(
              inference.engine().newStore(lastingPlan(layer), inference.keyValueShape(layer)));
      case Mixer.Recurrence _ -> new RecurrentState();
    };
  }

  // The plan of a layer that holds for the whole text; null where the length changes it.
  private @Nullable AttentionPlan lastingPlan(int layer) {
    return plans.isEmpty() ? null : plans.get(layer);
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
  public Sequence declareLength(long tokens) {
    declaredLength = tokens;
    return this;
  }

  /// Reads the next tokens at once: a prompt, or a part of a text.
  ///
  /// @return `[tokens, hidden]`, in the caller's scope
  public Tensor prefill(int... ids) {
    return inference.forward(List.of(new InferenceModel.Step(this, ids))).getFirst();
  }

  /// Reads one more token, such as the one that was generated last.
  ///
  /// @return `[1, hidden]`, in the caller's scope
  public Tensor decode(int id) {
    return prefill(id);
  }

  /// Logits of hidden states, for the processor: `[…, hidden]` → `[…, vocabulary]`.
  public Tensor logits(Tensor hidden) {
    return inference.decoder().logits(hidden).cpu();
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
        sink.accept(from, prefill(Arrays.copyOfRange(ids, from, until)));
      }
    }
  }

  /// Remembers this point of the text, for [#rewind()].
  public void mark() {
    markAhead(0);
  }

  /// Remembers the point `tokens` tokens from here, in the place of an earlier one: from there on
  /// everything is held that is needed to come back.
  public void markAhead(int tokens) {
    states.forEach(state -> state.mark(tokens));
    marked = position + tokens;
  }

  /// Goes back to the marked point, as if nothing had been read since; the mark is used up.
  public void rewind() {
    rewind(marked);
  }

  /// Whether [#rewind(long)] can go back to `length` tokens. It always can to the mark, and under
  /// methods that drop nothing to any point.
  public boolean canRewind(long length) {
    boolean can = length >= 0 && length <= position;
    for (int layer = 0; layer < plans.size(); layer++) {
      can &= states.get(layer).canRewind(plans.get(layer), length);
    }
    return can;
  }

  /// The last point up to `length` tokens that can be gone back to; 0, where a text begins anew, if
  /// there is no other.
  public long lastRewindable(long length) {
    if (canRewind(length)) {
      return length;
    }
    return marked <= length && canRewind(marked) ? marked : 0;
  }

  /// Goes back to `length` tokens, as if nothing after them had been read.
  public void rewind(long length) {
    if (!canRewind(length)) {
      throw new IllegalStateException(
          "the sequence of " + position + " tokens cannot go back to " + length);
    }
    states.forEach(state -> state.rewind(length));
    position = length;
    marked = marked >= length ? NO_MARK : marked;
  }

  /// Tokens whose values are held in each layer with attention.
  public List<Integer> heldKeys() {
    return states.stream()
        .filter(KeyValueCache.class::isInstance)
        .map(state -> ((KeyValueCache) state).held().count())
        .toList();
  }

  /// What the token that was read last saw of the text, and what is held.
  public ContextMap context() {
    return ContextMap.of(position, plans, states);
  }

  /// Bytes of keys and values, and of the states of recurrences.
  public long cacheBytes() {
    return states.stream().mapToLong(LayerState::bytes).sum();
  }

  /// Bytes of the memory that stays while this sequence does: pages that it shares are counted,
  /// those of forks alone are not.
  public long heldBytes() {
    return states.stream().mapToLong(LayerState::heldBytes).sum();
  }

  /// Writes what all layers remember, bit for bit, for [InferenceModel#readSequence]: the number of
  /// tokens (8 bytes), the declared length (8), the mark (8), and the layers.
  ///
  /// @throws dev.lengthwise.LengthwiseException of a kind of memory that cannot be written
  public void write(DataOutput out) throws IOException {
    out.writeLong(position);
    out.writeLong(declaredLength);
    out.writeLong(marked);
    for (LayerState state : states) {
      state.write(out);
    }
  }

  // What `write` wrote; this text is empty.
  void read(DataInput in, int tokens) throws IOException {
    position = in.readLong();
    declaredLength = in.readLong();
    long mark = in.readLong();
    if (position != tokens || declaredLength < 0) {
      throw new IOException("there are %d tokens in place of %d".formatted(position, tokens));
    }
    if (mark < NO_MARK || mark > Integer.MAX_VALUE) {
      throw new IOException("it can go back to %d, which is no place in a text".formatted(mark));
    }
    for (LayerState state : states) {
      state.read(in, tokens);
    }
    if (mark != NO_MARK) {
      markAhead((int) (mark - position));
    }
    plan(Math.max(declaredLength, position));
  }

  /// Appends `tokens` tokens with random keys and values, as if they had been read, so that a
  /// benchmark of a great depth need not pay for a prefill.
  ///
  /// Tokens that nothing to come can see are never written: under a window a million costs what a
  /// few thousand do.
  public void fillForBenchmark(int tokens) {
    startStep(tokens);
    try (PointerScope _ = new PointerScope()) {
      for (int layer = 0; layer < states.size(); layer++) {
        if (states.get(layer) instanceof KeyValueCache cache) {
          fill(cache, plans.get(layer), inference.keyValueShape(layer));
        }
      }
    }
  }

  private void fill(KeyValueCache cache, AttentionPlan plan, KeyValueShape shape) {
    Tensor keys = torch.randn(new long[] {FILLED_AT_ONCE, shape.heads(), shape.headSize()});
    Tensor values = torch.randn(new long[] {FILLED_AT_ONCE, shape.heads(), shape.valueSize()});
    while (cache.length() < position) {
      cache.skipUnseen(plan, position - 1);
      long part = Math.min(FILLED_AT_ONCE, position - cache.length());
      cache.append(keys.narrow(0, 0, part), values.narrow(0, 0, part), plan);
    }
  }

  @Override
  public void close() {
    states.forEach(LayerState::close);
  }

  void startStep(int tokens) {
    stepPosition = position;
    position += tokens;
    plan(Math.max(declaredLength, position));
  }

  private void plan(long currentLength) {
    if (inference.plans().dependsOnLength() && currentLength != plannedLength) {
      plans = planned(currentLength);
      plannedLength = currentLength;
    }
  }

  long stepPosition() {
    return stepPosition;
  }

  // keys: [tokens, keyValueHeads, headSize] → [1, tokens, heads, valueSize]
  Tensor attend(int layer, QueryRows queries, Tensor keys, Tensor values) {
    AttentionPlan plan = plans.get(layer);
    return switch (states.get(layer)) {
      case KeyValueCache cache -> {
        cache.append(keys, values, plan);
        yield inference.engine().attend(plan, queries, cache.content());
      }
      case RecurrentState _ -> throw new IllegalStateException("this layer does not attend");
    };
  }

  boolean attendsInMemory(int layer) {
    return inference.engine().attendsInMemory() && states.get(layer) instanceof KeyValueCache;
  }

  // Where `attendsInMemory`.
  void attend(int layer, HeadRows queries, HeadRows keys, HeadRows values, HeadRows output) {
    AttentionPlan plan = plans.get(layer);
    switch (states.get(layer)) {
      case KeyValueCache cache -> {
        cache.append(keys, values, plan);
        inference.engine().attend(plan, queries, stepPosition, cache.content(), output);
      }
      case RecurrentState _ -> throw new IllegalStateException("this layer does not attend");
    }
  }

  // inputs: [1, tokens, channels] → states of the same shape
  ComplexTensor recur(int layer, ComplexTensor inputs, ComplexTensor decay) {
    return switch (states.get(layer)) {
      case RecurrentState state -> state.advance(inputs, decay);
      case KeyValueCache _ -> throw new IllegalStateException("this layer has no recurrence");
    };
  }

  private List<AttentionPlan> planned(long currentLength) {
    List<AttentionPlan> planned = new ArrayList<>();
    for (int layer = 0; layer < inference.plans().shape().layers(); layer++) {
      AttentionPlan plan = inference.plan(layer, currentLength);
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
