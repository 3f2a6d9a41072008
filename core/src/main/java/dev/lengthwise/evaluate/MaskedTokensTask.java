package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.train.data.Masking;
import dev.lengthwise.train.data.WindowBatch;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// How well a bidirectional model fills in masked tokens, by length.
///
/// Windows of the longest length are masked once and cut into pieces of each length: every length
/// fills in the same tokens, and only the context differs. (A rest shorter than a piece is not
/// read.) Source of the measure: J. Su, kexue.fm 8823, accuracy at 64 to 1,024 tokens of models
/// that were trained at 64.
public final class MaskedTokensTask implements Task {

  /// `at::Reduction::Sum`.
  private static final long SUM = 2;

  @Override
  public String name() {
    return "masked";
  }

  @Override
  public long cost(Axes axes) {
    return (long) axes.lengths().size() * PerplexityTask.windows(axes) * axes.longest();
  }

  @Override
  public void run(Subject subject, Axes axes, Consumer<Measurement> sink, Progress progress) {
    if (!subject.inference().decoder().spec().isBidirectional()) {
      throw new LengthwiseException(
          "Masked tokens are filled in by bidirectional models; this one is causal: measure its"
              + " perplexity.");
    }
    PerplexityTask.requireRoom(axes);
    Masking masking = Masking.of(subject.tokenizer());
    for (int length : axes.lengths()) {
      long start = System.nanoTime();
      Sum sum = new Sum();
      for (int window = 0; window < PerplexityTask.windows(axes); window++) {
        WindowBatch masked = masked(axes, window, masking);
        for (int from = 0; from + length <= axes.longest(); from += length) {
          sum.add(subject, masked, from, length);
        }
        progress.advance(axes.longest());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      sink.accept(sum.measurement(Metric.MASKED_LOSS, length, sum.loss, seconds));
      sink.accept(sum.measurement(Metric.MASKED_ACCURACY, length, sum.right, seconds));
    }
  }

  private static WindowBatch masked(Axes axes, int window, Masking masking) {
    int end = PerplexityTask.windowEnd(axes, window);
    long[] ids = Arrays.stream(axes.document(), end - axes.longest(), end).asLongStream().toArray();
    WindowBatch batch = new WindowBatch(ids, new long[ids.length], 1);
    masking.hide(batch, 0, new CounterRandom(axes.seed(), window));
    return batch;
  }

  /// What is counted at one length.
  private static final class Sum {
    private double loss;
    private double right;
    private long targets;

    /// Fills in the tokens `[from, from + length)` of a masked window.
    void add(Subject subject, WindowBatch masked, int from, int length) {
      int[] ids =
          IntStream.range(from, from + length).map(at -> (int) masked.inputs()[at]).toArray();
      long[] hidden =
          IntStream.range(from, from + length)
              .filter(at -> masked.targets()[at] != WindowBatch.IGNORED)
              .asLongStream()
              .toArray();
      if (hidden.length == 0) {
        return;
      }
      long[] wanted = Arrays.stream(hidden).map(at -> masked.targets()[(int) at]).toArray();
      long[] places = Arrays.stream(hidden).map(at -> at - from).toArray();
      try (PointerScope _ = new PointerScope();
          NoGradGuard _ = new NoGradGuard()) {
        Tensor states = subject.inference().read(ids).index_select(0, Tensor.create(places));
        Tensor logits = subject.inference().decoder().logits(states).cpu(); // [hidden, vocabulary]
        Tensor goal = Tensor.create(wanted);
        loss +=
            torch
                .cross_entropy_loss(logits, goal, new TensorOptional(), SUM, WindowBatch.IGNORED, 0)
                .item_double();
        right += logits.argmax(new LongOptional(1), false).eq(goal).sum().item().toDouble();
        targets += hidden.length;
      }
    }

    Measurement measurement(Metric metric, int length, double sum, double seconds) {
      return new Measurement(metric, length, Double.NaN, sum / targets, targets, seconds);
    }
  }
}
