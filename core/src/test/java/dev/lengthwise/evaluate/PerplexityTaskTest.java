package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.generate.ByteTokenizer;
import dev.lengthwise.generate.ChainDecoder;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.TinyDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PerplexityTaskTest {

  private static Axes axes(int documentLength, int windows, Integer... lengths) {
    return new Axes(
        List.of(lengths), List.of(), 1, TinyDecoder.ids(documentLength, 1), windows, 6, 3);
  }

  private static List<Measurement> run(InferenceModel inference, Axes axes) {
    return run(new PerplexityTask(), inference, axes);
  }

  private static List<Measurement> run(PerplexityTask task, InferenceModel inference, Axes axes) {
    List<Measurement> measured = new ArrayList<>();
    long[] read = {0};
    task.run(new Subject(inference, ByteTokenizer::new, 8), axes, measured::add, n -> read[0] += n);
    assertThat(read[0]).isEqualTo(task.cost(axes));
    return measured;
  }

  @Test
  void windowsSpreadFromTheFirstThatFitsToTheEnd() {
    Axes axes = axes(100, 5, 10, 40);
    assertThat(IntStream.range(0, 5).map(window -> PerplexityTask.windowEnd(axes, window)))
        .containsExactly(40, 55, 70, 85, 100);
    assertThat(PerplexityTask.windowEnd(axes(100, 1, 40), 0)).isEqualTo(40);
  }

  @Test
  void noWindowIsReadTwice() {
    Axes axes = axes(42, 8, 10, 40);
    assertThat(IntStream.range(0, 3).map(window -> PerplexityTask.windowEnd(axes, window)))
        .containsExactly(40, 41, 42);
    List<Measurement> measured = run(ChainDecoder.uniform(TinyDecoder.VOCABULARY), axes);
    assertThat(measured.getFirst().count()).isEqualTo(3 * 6);
    assertThat(run(ChainDecoder.uniform(TinyDecoder.VOCABULARY), axes(40, 8, 40)))
        .noneMatch(one -> one.metric() == Metric.LOSS_INTERVAL);
  }

  @Test
  void aModelWithoutPreferencesHasThePerplexityOfItsVocabulary() {
    List<Measurement> measured =
        run(ChainDecoder.uniform(TinyDecoder.VOCABULARY), axes(60, 2, 4, 9, 20));
    for (Measurement one : measured) {
      if (one.metric() == Metric.ACCURACY) {
        continue;
      }
      double expected = one.metric() == Metric.LOSS_INTERVAL ? 0 : Math.log(TinyDecoder.VOCABULARY);
      assertThat(one.value()).isCloseTo(expected, within(1e-6));
    }
    assertThat(measured).filteredOn(one -> one.metric() == Metric.LOSS_AT_POSITION).hasSize(19);
  }

  @Test
  void everyLengthScoresTheSameTargets() {
    // A model that sees only the last token has the same loss on the same targets.
    InferenceModel chain = ChainDecoder.inference(TinyDecoder.VOCABULARY, id -> id * 7 % 50);
    List<Measurement> losses =
        run(chain, axes(60, 3, 5, 9, 30)).stream()
            .filter(one -> one.metric() == Metric.LOSS)
            .toList();
    assertThat(losses).hasSize(3);
    // The shortest length has only 4 targets, so all lengths score 4 in each window.
    assertThat(losses).allMatch(one -> one.count() == 3 * 4);
    assertThat(losses)
        .allSatisfy(
            one -> assertThat(one.value()).isCloseTo(losses.getFirst().value(), within(1e-9)));
  }

  @Test
  void accuracyIsTheShareOfTargetsThatTheModelWouldChoose() {
    int[] document = IntStream.range(0, 40).map(at -> at % 3 == 0 ? 7 : at % 3).toArray();
    Axes axes = new Axes(List.of(13), List.of(), 1, document, 1, 12, 3);
    InferenceModel chain = ChainDecoder.inference(TinyDecoder.VOCABULARY, id -> id == 1 ? 2 : 9);
    // 7 1 2 7 1 2 …: after 1 comes 2, and 9 never comes.
    assertThat(run(chain, axes))
        .filteredOn(one -> one.metric() == Metric.ACCURACY)
        .singleElement()
        .satisfies(one -> assertThat(one.value()).isCloseTo(4.0 / 12, within(1e-12)));
  }

  @Test
  void aRepeatedTargetStandsBeyondTheShortestLengthButInTheWindow() {
    Axes axes = axes(200, 6, 8, 40);
    for (int window = 0; window < 6; window++) {
      assertThat(PerplexityTask.period(axes, window)).isBetween(8, 20);
    }
    assertThat(PerplexityTask.period(axes(200, 1, 30, 40), 0)).isEqualTo(20);
  }

  @Test
  void aRepeatedWindowIsItsLastPieceAgainAndAgain() {
    int[] document = IntStream.range(0, 60).map(at -> at < 40 ? 49 : at - 40).toArray();
    Axes axes = new Axes(List.of(30, 40), List.of(), 1, document, 1, 29, 3);
    // One window ends at 40, where all is 49: after 49 this chain says 49.
    InferenceModel chain = ChainDecoder.inference(TinyDecoder.VOCABULARY, id -> id);
    List<Measurement> measured =
        run(new PerplexityTask(PerplexityTask.Texts.REPEATED), chain, axes);
    assertThat(measured)
        .extracting(Measurement::metric)
        .containsExactly(
            Metric.REPEATED_LOSS,
            Metric.REPEATED_ACCURACY,
            Metric.REPEATED_LOSS,
            Metric.REPEATED_ACCURACY);
    assertThat(measured.get(1).value()).isEqualTo(1);
    // The text counts up; the piece of 20 begins again after 19, and nowhere else is a step back.
    Axes counting =
        new Axes(List.of(30, 40), List.of(), 1, IntStream.range(0, 40).toArray(), 1, 29, 3);
    InferenceModel counter =
        ChainDecoder.inference(TinyDecoder.VOCABULARY, id -> id == 39 ? 20 : Math.min(id + 1, 49));
    assertThat(run(new PerplexityTask(PerplexityTask.Texts.REPEATED), counter, counting))
        .filteredOn(one -> one.metric() == Metric.REPEATED_ACCURACY)
        .allSatisfy(one -> assertThat(one.value()).isEqualTo(1));
  }

  @Test
  void aShortTextIsAnErrorThatSaysHowLongItIs() {
    assertThatThrownBy(() -> run(ChainDecoder.uniform(50), axes(39, 1, 40)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("39")
        .hasMessageContaining("40");
  }
}
