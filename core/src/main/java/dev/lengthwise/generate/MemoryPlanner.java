package dev.lengthwise.generate;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.ReadingSteps;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightMemory;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.PlanFunction;
import java.util.OptionalLong;

/// Says what memory texts take under a position method, before weights are read.
///
/// @param spec the model
/// @param plans its attention plans
/// @param engine what will run them; nothing is run here
/// @param cacheType how keys and values are kept
/// @param chunk most tokens of a text that are read at once
/// @param weights what the weights take
public record MemoryPlanner(
    ModelSpec spec,
    PlanFunction plans,
    Attention engine,
    CacheType cacheType,
    int chunk,
    WeightMemory weights) {

  /// Texts are not planned beyond this.
  public static final long LONGEST = 1L << 40;

  // Measured: the resident memory of a process that has loaded libtorch and a model of 22 MB.
  private static final long PROCESS = 350L << 20;

  // `BatchProducts` converts and multiplies in blocks of at most this, in three places; a thread
  // of attention has a few tiles.
  private static final long BLOCKS = 3 * (32L << 20);

  // `PhaseCache` forgets when it has so many numbers.
  private static final long MOST_PHASES = 4L << 26;

  /// Takes the engine that runs every layer.
  public MemoryPlanner {
    engine = InferenceModel.engineFor(spec, engine);
  }

  /// Says what texts of a model that is open take, beside its weights.
  ///
  /// @param chunk most tokens of a text that are read at once
  public static MemoryPlanner ofTexts(InferenceModel model, int chunk) {
    return new MemoryPlanner(
        model.decoder().spec(),
        model.plans(),
        model.engine(),
        model.cacheType(),
        chunk,
        new WeightMemory(0, 0, 0));
  }

  /// The memory of a text of `tokens` tokens that is read in chunks.
  public MemoryPlan at(long tokens) {
    return new MemoryPlan(tokens, weights, cache(tokens), work(tokens), PROCESS);
  }

  /// The longest text that `bytes` of memory hold; [#LONGEST] where length does not matter.
  ///
  /// @return empty where not even one token fits
  public OptionalLong longest(long bytes) {
    if (at(1).total() > bytes) {
      return OptionalLong.empty();
    }
    long fits = 1;
    long tooLong = LONGEST + 1;
    while (tooLong - fits > 1) {
      long middle = fits + (tooLong - fits) / 2;
      if (at(middle).total() <= bytes) {
        fits = middle;
      } else {
        tooLong = middle;
      }
    }
    return OptionalLong.of(fits);
  }

  /// Bytes of the keys, values and states of all layers: those of [Sequence#cacheBytes] after a
  /// text was read in chunks.
  public long cache(long tokens) {
    ReadingSteps steps = new ReadingSteps(tokens, chunk);
    long bytes = 0;
    for (int layer = 0; layer < spec.layers().size(); layer++) {
      bytes += cache(layer, steps);
    }
    return bytes;
  }

  private long cache(int layer, ReadingSteps steps) {
    return switch (spec.layers().get(layer).mixer()) {
      case Mixer.Recurrence own -> 2L * Float.BYTES * own.channels();
      case Mixer.Attention _, Mixer.LatentAttention _, Mixer.GatedUnit _ ->
          engine.storeBytes(
              plan(layer, steps.tokens()),
              !plans.dependsOnLength(),
              InferenceModel.keyValueShape(spec, layer, cacheType),
              steps);
    };
  }

  // Trained sinks change what a layer computes, and nothing of what it keeps.
  private AttentionPlan plan(int layer, long tokens) {
    long length = plans.dependsOnLength() ? Math.max(1, tokens) : 1;
    return spec.planOf(layer, plans.plan(layer, length), spec.scores(layer, new double[0]), length);
  }

  private long work(long tokens) {
    long rows = Math.min(tokens, chunk);
    long widest = 0;
    for (int layer = 0; layer < spec.layers().size(); layer++) {
      widest = Math.max(widest, Math.max(attended(layer), inner(layer)));
    }
    long stream = 3L * spec.hiddenSize();
    long phases = Math.min(MOST_PHASES, 2L * tokens * spec.shape().headSize() * Float.BYTES);
    return BLOCKS + Float.BYTES * (rows * (stream + widest) + 2L * spec.vocabularySize()) + phases;
  }

  // Queries, keys, values and what they attend to, of one token.
  private long attended(int layer) {
    long heads = spec.heads(layer);
    long shared = spec.keyValueHeads(layer);
    return (heads + shared) * (spec.shape().headSize() + (long) spec.valueSize(layer));
  }

  private long inner(int layer) {
    return switch (spec.layers().get(layer).feedForward()) {
      case FeedForward.None _ -> 0;
      case FeedForward.Plain own -> own.inner();
      case FeedForward.Gated own -> own.inner();
      case FeedForward.Experts own -> (long) own.active() * own.expert().inner();
    };
  }
}
