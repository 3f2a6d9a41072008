package dev.lengthwise.bench;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import org.bytedeco.javacpp.PointerScope;

/// Writing tokens one by one after a text of some length, each with its logits.
public final class Decode implements Benchmark {

  private final InferenceModel inference;
  private final int depth;
  private final int[] ids;
  private final Work work;
  private Sequence sequence;
  private long cacheBytes;

  /// Writes `steps` tokens after `depth` random ones, whose keys and values are filled in.
  public Decode(ModelWork model, int depth, int steps) {
    this.inference = model.inference();
    this.depth = depth;
    this.ids = Prefill.randomIds(inference, steps);
    this.work = model.decode(depth, steps);
    this.sequence = inference.newSequence();
  }

  /// Bytes of keys and values after the last run.
  public long cacheBytes() {
    return cacheBytes;
  }

  @Override
  public Work work() {
    return work;
  }

  // One step that is not timed: it makes what all later ones share.
  @Override
  public void before() {
    sequence = inference.newSequence().declareLength(depth + 1L);
    if (depth > 0) {
      sequence.fillForBenchmark(depth - 1);
      step(ids[0]);
    }
  }

  @Override
  public void run() {
    for (int id : ids) {
      step(id);
    }
  }

  private void step(int id) {
    try (PointerScope _ = new PointerScope()) {
      sequence.logits(sequence.decode(id));
    }
  }

  @Override
  public void after() {
    cacheBytes = sequence.cacheBytes();
    sequence.close();
  }
}
