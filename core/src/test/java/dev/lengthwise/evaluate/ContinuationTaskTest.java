package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

class ContinuationTaskTest {

  private static final ContinuationTask TASK = new ContinuationTask(8);

  private static List<Measurement> run(InferenceModel inference, int[] document) {
    Axes axes = new Axes(List.of(5, 20), List.of(), 1, document, 3, 1, 1);
    List<Measurement> measured = new ArrayList<>();
    long[] read = {0};
    TASK.run(new Subject(inference, ByteTokenizer::new, 4), axes, measured::add, n -> read[0] += n);
    assertThat(read[0]).isEqualTo(TASK.cost(axes));
    return measured;
  }

  @Test
  void aModelThatWritesTheTextItselfScoresOneAtEveryLength() {
    int[] document = IntStream.range(0, 40).map(at -> at % 10).toArray();
    List<Measurement> measured =
        run(ChainDecoder.inference(TinyDecoder.VOCABULARY, id -> (id + 1) % 10), document);
    assertThat(measured)
        .extracting(Measurement::metric)
        .containsExactly(
            Metric.CONTINUATION_ROUGE,
            Metric.CONTINUATION_BLEU,
            Metric.CONTINUATION_ROUGE,
            Metric.CONTINUATION_BLEU);
    assertThat(measured).allSatisfy(one -> assertThat(one.value()).isEqualTo(1));
    assertThat(measured.getLast().length()).isEqualTo(20);
  }

  @Test
  void aModelThatWritesOtherThingsScoresLess() {
    int[] document = IntStream.range(0, 40).map(at -> at % 10).toArray();
    assertThat(run(ChainDecoder.inference(TinyDecoder.VOCABULARY, _ -> 30), document))
        .allSatisfy(one -> assertThat(one.value()).isZero());
  }

  @Test
  void aShortTextIsAnErrorThatSaysHowLongItMustBe() {
    assertThatThrownBy(() -> run(ChainDecoder.uniform(TinyDecoder.VOCABULARY), new int[27]))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("27", "20", "8");
  }
}
