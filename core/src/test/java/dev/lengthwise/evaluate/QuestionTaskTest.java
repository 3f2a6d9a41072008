package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.generate.ByteTokenizer;
import dev.lengthwise.generate.ChainDecoder;
import dev.lengthwise.text.GeneratedTexts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class QuestionTaskTest {

  private static final int QUESTIONS = 40;
  private static final long SEED = 7;

  @Test
  void aModelThatAlwaysSaysYesIsRightWhereTheAnswerIsYes() {
    Subject subject =
        new Subject(
            ChainDecoder.inference(new ByteTokenizer().vocabularySize(), _ -> '1'),
            ByteTokenizer::new,
            8);
    Axes axes = new Axes(List.of(5, 50), List.of(), QUESTIONS, new int[0], 1, 1, SEED);
    List<Measurement> measured = new ArrayList<>();
    long[] read = {0};

    QuestionTask task = new QuestionTask("even-pairs");
    task.run(subject, axes, measured::add, tokens -> read[0] += tokens);

    assertThat(read[0]).isEqualTo(task.cost(axes));
    assertThat(measured).hasSize(4).allMatch(one -> one.count() == QUESTIONS);
    for (Measurement one : measured) {
      GeneratedTexts texts = new GeneratedTexts("even-pairs", one.length(), one.length(), ~SEED);
      double yes =
          LongStream.range(0, QUESTIONS)
              .filter(number -> texts.question(number).answer().equals("1"))
              .count();
      assertThat(one.value()).isCloseTo(yes / QUESTIONS, within(1e-12)).isBetween(0.1, 0.9);
      assertThat(one.metric()).isIn(Metric.ANSWER_EXACT, Metric.ANSWER_TOKENS);
    }
  }

  @Test
  void anUnknownGeneratorIsRefused() {
    assertThatThrownBy(() -> new QuestionTask("odd-pairs"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("odd-pairs");
  }
}
