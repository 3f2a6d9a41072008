package dev.lengthwise.evaluate;

import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.text.TextGenerators;
import dev.lengthwise.train.data.AnswerScore;
import java.util.function.Consumer;

/// Exact answers to generated questions by their length, which counts what the generator says (not
/// tokens).
///
/// @param generator name of a generator of [TextGenerators]
public record QuestionTask(String generator) implements Task {

  /// Checks the name.
  public QuestionTask {
    TextGenerators.of(generator);
  }

  @Override
  public String name() {
    return generator;
  }

  @Override
  public long cost(Axes axes) {
    return axes.lengths().stream().mapToLong(Integer::longValue).sum() * axes.trials();
  }

  @Override
  public void run(Subject subject, Axes axes, Consumer<Measurement> sink, Progress progress) {
    for (int length : axes.lengths()) {
      long start = System.nanoTime();
      // Seeds of training are small numbers: the complement is none of them.
      GeneratedTexts texts = new GeneratedTexts(generator, length, length, ~axes.seed());
      AnswerScore score = AnswerAccuracy.measure(subject, texts, 0, axes.trials());
      double seconds = (System.nanoTime() - start) / 1e9;
      progress.advance((long) length * axes.trials());
      sink.accept(measurement(Metric.ANSWER_EXACT, length, score.exact(), score, seconds));
      sink.accept(measurement(Metric.ANSWER_TOKENS, length, score.tokens(), score, seconds));
    }
  }

  private static Measurement measurement(
      Metric metric, int length, double value, AnswerScore score, double seconds) {
    return new Measurement(metric, length, Double.NaN, value, score.questions(), seconds);
  }
}
