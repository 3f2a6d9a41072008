package dev.lengthwise.bench;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/// Reading a text from its start, up to the logits of its last token.
public final class Prefill implements Benchmark {

  private final InferenceModel inference;
  private final int[] ids;
  private final int chunk;
  private final Work work;
  private Sequence sequence;

  /// Reads `tokens` random tokens, at most `chunk` at once.
  public Prefill(ModelWork model, int tokens, int chunk) {
    this.inference = model.inference();
    this.ids = randomIds(inference, tokens);
    this.chunk = chunk;
    this.work = model.prefill(tokens);
    this.sequence = inference.newSequence();
  }

  static int[] randomIds(InferenceModel inference, int tokens) {
    int vocabulary = inference.decoder().spec().vocabularySize();
    return new SplittableRandom(1).ints(tokens, 0, vocabulary).toArray();
  }

  @Override
  public Work work() {
    return work;
  }

  @Override
  public void before() {
    sequence = inference.newSequence().declareLength(ids.length);
  }

  @Override
  public void run() {
    sequence.read(ids, chunk, this::last);
  }

  private void last(int first, Tensor hidden) {
    if (first + chunk >= ids.length) {
      sequence.logits(hidden.narrow(0, hidden.size(0) - 1, 1));
    }
  }

  @Override
  public void after() {
    sequence.close();
  }
}
