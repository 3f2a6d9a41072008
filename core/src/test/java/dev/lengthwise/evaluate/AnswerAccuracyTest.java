package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.generate.ByteTokenizer;
import dev.lengthwise.generate.ChainDecoder;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.train.data.AnswerScore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Models whose answers are known beforehand, and the share of questions that they must get
/// right.
class AnswerAccuracyTest {

  private static final int VOCABULARY = new ByteTokenizer().vocabularySize();

  private static Subject subject(int chunk) {
    return new Subject(
        ChainDecoder.inference(VOCABULARY, id -> id == '=' ? '1' : 'a'), ByteTokenizer::new, chunk);
  }

  @Test
  void aModelThatAlwaysSaysYesIsRightWhereTheAnswerIsYes() {
    GeneratedTexts texts = new GeneratedTexts("even-pairs", 50, 50, 4);
    double yes =
        IntStream.range(100, 140)
            .filter(number -> texts.question(number).answer().equals("1"))
            .count();

    AnswerScore score = AnswerAccuracy.measure(subject(8), texts, 100, 40);

    assertThat(score.questions()).isEqualTo(40);
    assertThat(score.exact()).isCloseTo(yes / 40, within(1e-12)).isBetween(0.1, 0.9);
    assertThat(score.tokens()).isEqualTo(score.exact());
  }

  /// It says `1`, then `a` each time: right at every `a` but a first one, never the whole answer.
  @Test
  void longAnswersAreReadInChunks() {
    GeneratedTexts texts = new GeneratedTexts("reverse", 9, 9, 4);
    double right = 0;
    for (int number = 0; number < 20; number++) {
      right += texts.question(number).answer().substring(1).chars().filter(c -> c == 'a').count();
    }
    for (int chunk : new int[] {1, 3, 4, 8, 100}) {
      AnswerScore score = AnswerAccuracy.measure(subject(chunk), texts, 0, 20);
      assertThat(score.exact()).isZero();
      assertThat(score.tokens()).isCloseTo(right / (20 * 9), within(1e-12));
    }
  }
}
