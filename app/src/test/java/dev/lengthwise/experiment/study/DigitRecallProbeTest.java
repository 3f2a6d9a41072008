package dev.lengthwise.experiment.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Row;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.text.GeneratedTexts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DigitRecallProbeTest {

  private static List<TrainedTrial> trials(Scale scale) {
    return DigitRecallProbe.trials(
            scale,
            Map.of("RoPE", "rope"),
            List.of(1L, 2L),
            name -> List.of("declared", "of " + name))
        .stream()
        .map(TrainedTrial.class::cast)
        .toList();
  }

  /// The begin of text stands before a question, which the probe's bytes write one by one.
  @ParameterizedTest
  @EnumSource(Scale.class)
  void theLongestTrainedQuestionFillsAWindow(Scale scale) {
    for (TrainedTrial trial : trials(scale)) {
      int longest = trial.suite().lengths().getFirst();
      GeneratedTexts texts = new GeneratedTexts("digit-recall", longest, longest, 1);
      assertThat(1 + texts.question(0).text().length()).isEqualTo(trial.recipe().trainedLength());
    }
  }

  @Test
  void digitsAreAskedForUpTo16TimesTheTrainedLength() {
    TrainedTrial trial = trials(Scale.FULL).getFirst();
    assertThat(trial.suite().lengths()).containsExactly(60, 120, 240, 480, 960);
    assertThat(trial.methods()).containsExactly("declared", "of RoPE");
    assertThat(trials(Scale.FULL))
        .extracting(TrainedTrial::name)
        .containsExactly("digit-recall-rope-seed1", "digit-recall-rope-seed2");
  }

  @Test
  void theExhibitShowsDigitRecallAndNoOtherQuestions() {
    List<Row> rows =
        List.of(
            row("digit recall, RoPE", "answer_exact", 0.5),
            row("digit recall, RoPE", "answer_tokens", 0.6),
            row("even-pairs", "answer_exact", 0.7));
    assertThat(DigitRecallProbe.exhibit().cells(rows))
        .isEqualTo(Map.of("declared", Map.of(60.0, new Exhibit.Cell(50, 0))));
  }

  private static Row row(String variant, String metric, double value) {
    return new Row(variant, 1, "declared", metric, 60, null, null, value, 100, Map.of());
  }
}
