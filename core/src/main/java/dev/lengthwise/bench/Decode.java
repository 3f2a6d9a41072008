package dev.lengthwise.bench;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;

/// Writing tokens one by one after a text of some length, or after several at once, each with its
/// logits.
public final class Decode implements Benchmark {

  private final InferenceModel inference;
  private final int depth;
  private final int texts;
  private final int[] ids;
  private final Work work;
  private final List<Sequence> sequences = new ArrayList<>();
  private long cacheBytes;

  /// Writes `steps` tokens after `depth` random ones, whose keys and values are filled in.
  ///
  /// @param texts written at once, the same tokens in each
  public Decode(ModelWork model, int depth, int texts, int steps) {
    this.inference = model.inference();
    this.depth = depth;
    this.texts = texts;
    this.ids = Prefill.randomIds(inference, steps);
    this.work = model.decode(depth, texts, steps);
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
    for (int text = 0; text < texts; text++) {
      Sequence sequence = inference.newSequence().declareLength(depth + 1L);
      sequences.add(sequence);
      if (depth > 0) {
        sequence.fillForBenchmark(depth - 1);
      }
    }
    if (depth > 0) {
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
      if (texts == 1) {
        Sequence sequence = sequences.getFirst();
        sequence.logits(sequence.decode(id));
      } else {
        int[] next = new int[texts];
        Arrays.fill(next, id);
        inference.decode(sequences, next);
      }
    }
  }

  @Override
  public void after() {
    cacheBytes = sequences.stream().mapToLong(Sequence::cacheBytes).sum();
    close();
  }

  @Override
  public void close() {
    sequences.forEach(Sequence::close);
    sequences.clear();
  }
}
