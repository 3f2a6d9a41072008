package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Sampler;
import dev.lengthwise.generate.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.PointerScope;

/// Quality of generated text by the position at which it begins.
///
/// After each prompt of the document the model writes greedily; what it writes is compared with
/// what the document says there. Every length has the same places of the document, so that only the
/// position differs. Source: Han et al. 2024, LM-Infinite (100 tokens, BLEU and ROUGE-L of words).
///
/// @param tokens that each continuation has
public record ContinuationTask(int tokens) implements Task {

  private static final int PUBLISHED_TOKENS = 100;

  /// The task with the length of the paper.
  public ContinuationTask() {
    this(PUBLISHED_TOKENS);
  }

  /// Checks the number of tokens.
  public ContinuationTask {
    if (tokens < 1) {
      throw new IllegalArgumentException("a continuation needs at least 1 token, not " + tokens);
    }
  }

  @Override
  public String name() {
    return "continuation";
  }

  @Override
  public long cost(Axes axes) {
    return axes.lengths().stream().mapToLong(length -> length + (long) tokens).sum()
        * axes.windows();
  }

  @Override
  public void run(Subject subject, Axes axes, Consumer<Measurement> sink, Progress progress) {
    int room = axes.document().length - axes.longest() - tokens;
    if (room < 0) {
      throw new LengthwiseException(
          "The text has %d tokens, too few for a prompt of %d and a continuation of %d; give a"
                  .formatted(axes.document().length, axes.longest(), tokens)
              + " longer text or smaller lengths");
    }
    for (int length : axes.lengths()) {
      List<TextPair> pairs = new ArrayList<>();
      long start = System.nanoTime();
      for (int window = 0; window < axes.windows(); window++) {
        int step = axes.windows() == 1 ? 0 : (int) ((long) room * window / (axes.windows() - 1));
        int end = axes.longest() + step;
        int[] prompt = Arrays.copyOfRange(axes.document(), end - length, end);
        int[] truth = Arrays.copyOfRange(axes.document(), end, end + tokens);
        pairs.add(
            new TextPair(
                written(subject.tokenizer().decode(continued(subject, prompt))),
                subject.tokenizer().decode(truth)));
        progress.advance(length + (long) tokens);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      scores(pairs)
          .forEach(
              (metric, value) ->
                  sink.accept(
                      new Measurement(metric, length, Double.NaN, value, pairs.size(), seconds)));
    }
  }

  // As in the paper's program: nothing at all cannot be scored.
  private static String written(String text) {
    return text.isBlank() ? "." : text;
  }

  private static Map<Metric, Double> scores(List<TextPair> pairs) {
    Map<Metric, Double> scores = new EnumMap<>(Metric.class);
    scores.put(Metric.CONTINUATION_ROUGE, mean(pairs, Rouge::ofSubsequence));
    scores.put(Metric.CONTINUATION_ROUGE_1, mean(pairs, pair -> Rouge.ofGrams(1, pair)));
    scores.put(Metric.CONTINUATION_ROUGE_2, mean(pairs, pair -> Rouge.ofGrams(2, pair)));
    scores.put(Metric.CONTINUATION_BLEU, Bleu.of(pairs) / 100);
    scores.put(Metric.CONTINUATION_CHRF, Chrf.of(pairs) / 100);
    return scores;
  }

  private static double mean(List<TextPair> pairs, ToDoubleFunction<TextPair> score) {
    return pairs.stream().mapToDouble(score).average().orElseThrow();
  }

  private int[] continued(Subject subject, int[] prompt) {
    int[] ids = new int[tokens];
    try (Sequence sequence =
        subject.inference().newSequence().declareLength((long) prompt.length + tokens)) {
      float[] logits = Generator.prefill(sequence, prompt, subject.chunk());
      for (int n = 0; n < tokens; n++) {
        ids[n] = Sampler.greatest(logits);
        if (n + 1 < tokens) {
          try (PointerScope _ = new PointerScope()) {
            logits = Logits.toArray(sequence.logits(sequence.decode(ids[n])));
          }
        }
      }
    }
    return ids;
  }
}
