package dev.lengthwise.model;

import dev.lengthwise.model.WeightId.Part;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The one list of the weights of a decoder: which there are, what they are for and their shapes,
/// in the order in which everything about them is stored.
public final class WeightList {

  private final ModelSpec spec;
  private final List<WeightSpec> all = new ArrayList<>();

  private WeightList(ModelSpec spec) {
    this.spec = spec;
  }

  /// The weights of a model; a tied head is not among them.
  public static List<WeightSpec> of(ModelSpec spec) {
    WeightList list = new WeightList(spec);
    list.addAll();
    return List.copyOf(list.all);
  }

  private void addAll() {
    long vocabulary = spec.vocabularySize();
    long hidden = spec.hiddenSize();
    add(WeightId.of(Slot.EMBEDDING), vocabulary, hidden);
    if (spec.embedding().places() > 0) {
      add(WeightId.of(Slot.PLACES), spec.embedding().places(), hidden);
    }
    if (spec.embedding().types() > 0) {
      add(WeightId.of(Slot.TYPES), spec.embedding().types(), hidden);
    }
    norm(WeightId.OUTSIDE, Slot.EMBEDDING_NORM, spec.embedding().norm(), hidden);
    for (int layer = 0; layer < spec.layers().size(); layer++) {
      LayerSpec own = spec.layers().get(layer);
      Residual residual = own.residual();
      norm(layer, Slot.MIXER_NORM, residual.mixer(), hidden);
      mixer(layer, own.mixer());
      norm(layer, Slot.MIXER_OUTPUT_NORM, residual.mixerOutput(), hidden);
      if (!(own.feedForward() instanceof FeedForward.None)) {
        norm(layer, Slot.FEED_FORWARD_NORM, residual.feedForward(), hidden);
        feedForward(layer, own.feedForward());
        norm(layer, Slot.FEED_FORWARD_OUTPUT_NORM, residual.feedForwardOutput(), hidden);
      }
    }
    norm(WeightId.OUTSIDE, Slot.LAST_NORM, spec.lastNorm(), hidden);
    if (!spec.head().tied()) {
      add(WeightId.of(Slot.HEAD), vocabulary, hidden);
    }
    if (spec.head().bias()) {
      bias(WeightId.of(Slot.HEAD), vocabulary);
    }
    spec.task().ifPresent(this::task);
  }

  private void task(TaskHead own) {
    long hidden = spec.hiddenSize();
    own.inner()
        .ifPresent(
            inner -> {
              projection(WeightId.of(Slot.TASK_DENSE), hidden, hidden, inner.bias());
              norm(WeightId.OUTSIDE, Slot.TASK_NORM, inner.norm(), hidden);
            });
    projection(WeightId.of(Slot.TASK_OUTPUT), own.outputs(), hidden, true);
  }

  private void add(WeightId id, long... shape) {
    all.add(WeightSpec.of(id, id.slot().role(), shape));
  }

  private void bias(WeightId id, long size) {
    all.add(WeightSpec.of(id.with(Part.BIAS), WeightRole.BIAS, size));
  }

  private void norm(int layer, Slot slot, Norm norm, long size) {
    if (norm.gain()) {
      add(WeightId.of(layer, slot), size);
    }
    if (norm.bias()) {
      bias(WeightId.of(layer, slot), size);
    }
  }

  private void projection(WeightId id, long outputs, long inputs, boolean biased) {
    add(id, outputs, inputs);
    if (biased) {
      bias(id, outputs);
    }
  }

  private void mixer(int layer, Mixer mixer) {
    switch (mixer) {
      case Mixer.Attention attention -> attention(layer, attention);
      case Mixer.LatentAttention attention -> latent(layer, attention);
      case Mixer.GatedUnit unit -> gatedUnit(layer, unit);
      case Mixer.Recurrence recurrence -> recurrence(layer, recurrence.channels());
    }
  }

  private void attention(int layer, Mixer.Attention own) {
    long hidden = spec.hiddenSize();
    long queries = (long) own.heads() * own.headSize();
    long keys = (long) own.keyValueHeads() * own.headSize();
    long values = (long) own.keyValueHeads() * own.valueSize();
    Mixer.Biases biases = own.biases();
    projection(WeightId.of(layer, Slot.QUERY), queries, hidden, biases.query());
    projection(WeightId.of(layer, Slot.KEY), keys, hidden, biases.key());
    projection(WeightId.of(layer, Slot.VALUE), values, hidden, biases.value());
    Mixer.HeadNorm norm = own.norm();
    norm(layer, Slot.QUERY_NORM, norm.norm(), norm.size(own.heads(), own.headSize()));
    norm(layer, Slot.KEY_NORM, norm.norm(), norm.size(own.keyValueHeads(), own.headSize()));
    if (own.scores().sinks()) {
      add(WeightId.of(layer, Slot.SINKS), own.heads());
    }
    projection(
        WeightId.of(layer, Slot.ATTENTION_OUTPUT),
        hidden,
        (long) own.heads() * own.valueSize(),
        biases.output());
  }

  private void latent(int layer, Mixer.LatentAttention own) {
    long hidden = spec.hiddenSize();
    long queries = (long) own.heads() * own.headSize();
    if (own.queryRank() > 0) {
      projection(WeightId.of(layer, Slot.QUERY_DOWN), own.queryRank(), hidden, own.biased());
      norm(layer, Slot.QUERY_DOWN_NORM, own.norm(), own.queryRank());
      add(WeightId.of(layer, Slot.QUERY_UP), queries, own.queryRank());
    } else {
      add(WeightId.of(layer, Slot.QUERY), queries, hidden);
    }
    projection(WeightId.of(layer, Slot.KEY_DOWN), own.keyRank(), hidden, own.biased());
    norm(layer, Slot.KEY_DOWN_NORM, own.norm(), own.keyRank());
    projection(WeightId.of(layer, Slot.ROTARY_KEY), own.rotarySize(), hidden, own.biased());
    add(WeightId.of(layer, Slot.KEY), (long) own.heads() * own.stillSize(), own.keyRank());
    long values = (long) own.heads() * own.valueSize();
    add(WeightId.of(layer, Slot.VALUE), values, own.keyRank());
    projection(WeightId.of(layer, Slot.ATTENTION_OUTPUT), hidden, values, own.biased());
  }

  private void gatedUnit(int layer, Mixer.GatedUnit own) {
    long hidden = spec.hiddenSize();
    add(WeightId.of(layer, Slot.UNIT_INPUT), 2L * own.inner() + own.headSize(), hidden);
    for (Slot slot : List.of(Slot.UNIT_QUERY, Slot.UNIT_KEY)) {
      add(WeightId.of(layer, slot).with(Part.SCALE), own.headSize());
      if (own.offsets()) {
        WeightId offset = WeightId.of(layer, slot).with(Part.OFFSET);
        all.add(WeightSpec.of(offset, WeightRole.BIAS, own.headSize()));
      }
    }
    add(WeightId.of(layer, Slot.UNIT_OUTPUT), hidden, own.inner());
  }

  private void recurrence(int layer, long channels) {
    add(WeightId.of(layer, Slot.RECURRENT_INPUT), 2 * channels, spec.hiddenSize());
    add(WeightId.of(layer, Slot.LOG_RATE), channels);
    add(WeightId.of(layer, Slot.LOG_PHASE), channels);
    add(WeightId.of(layer, Slot.LOG_GAIN), channels);
    add(WeightId.of(layer, Slot.RECURRENT_OUTPUT), spec.hiddenSize(), 2 * channels);
  }

  private void feedForward(int layer, FeedForward feedForward) {
    long hidden = spec.hiddenSize();
    switch (feedForward) {
      case FeedForward.None _ -> {}
      case FeedForward.Plain own -> {
        projection(WeightId.of(layer, Slot.UP), own.inner(), hidden, own.bias());
        projection(WeightId.of(layer, Slot.DOWN), hidden, own.inner(), own.bias());
      }
      case FeedForward.Gated own -> gated(own, layer, WeightId.NONE, Slot.GATE, Slot.UP, Slot.DOWN);
      case FeedForward.Experts own -> experts(layer, own);
    }
  }

  private void gated(FeedForward.Gated own, int layer, int expert, Slot gate, Slot up, Slot down) {
    long hidden = spec.hiddenSize();
    projection(new WeightId(gate, layer, expert, Part.WEIGHT), own.inner(), hidden, own.bias());
    projection(new WeightId(up, layer, expert, Part.WEIGHT), own.inner(), hidden, own.bias());
    projection(
        new WeightId(down, layer, expert, Part.WEIGHT), hidden, own.inner(), own.outputBias());
  }

  private void experts(int layer, FeedForward.Experts own) {
    long hidden = spec.hiddenSize();
    projection(WeightId.of(layer, Slot.ROUTER), own.count(), hidden, own.router().bias());
    if (own.router().correction()) {
      add(WeightId.of(layer, Slot.ROUTER_CORRECTION), own.count());
    }
    for (int expert = 0; expert < own.count(); expert++) {
      gated(own.expert(), layer, expert, Slot.EXPERT_GATE, Slot.EXPERT_UP, Slot.EXPERT_DOWN);
    }
    FeedForward.@Nullable Gated shared = own.shared();
    if (shared != null) {
      gated(shared, layer, WeightId.NONE, Slot.SHARED_GATE, Slot.SHARED_UP, Slot.SHARED_DOWN);
    }
    if (own.sharedGate()) {
      add(WeightId.of(layer, Slot.SHARED_ROUTER), 1, hidden);
    }
  }
}
