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

class ContinuationTaskTest {

  private static final ContinuationTask TASK = new ContinuationTask(8);

  // Bytes of the words 0 and 1, and of signs between them.
  private static final int[] WORDS = {'0', '!', '1', '"'};

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
    int[] document = IntStream.range(0, 40).map(at -> WORDS[at % 4]).toArray();
    List<Measurement> measured =
        run(ChainDecoder.inference(TinyDecoder.VOCABULARY, ContinuationTaskTest::next), document);
    assertThat(measured)
        .extracting(Measurement::metric)
        .startsWith(Metric.CONTINUATION_ROUGE)
        .hasSize(10)
        .contains(
            Metric.CONTINUATION_ROUGE_1,
            Metric.CONTINUATION_ROUGE_2,
            Metric.CONTINUATION_BLEU,
            Metric.CONTINUATION_CHRF);
    assertThat(measured).allSatisfy(one -> assertThat(one.value()).isCloseTo(1, within(1e-12)));
    assertThat(measured.getLast().length()).isEqualTo(20);
  }

  private static int next(int id) {
    int at = IntStream.range(0, WORDS.length).filter(n -> WORDS[n] == id).findFirst().orElse(0);
    return WORDS[(at + 1) % WORDS.length];
  }

  @Test
  void aModelThatWritesOtherThingsScoresLess() {
    int[] document = IntStream.range(0, 40).map(at -> WORDS[at % 4]).toArray();
    assertThat(run(ChainDecoder.inference(TinyDecoder.VOCABULARY, _ -> '('), document))
        .allSatisfy(one -> assertThat(one.value()).isZero());
  }

  @Test
  void aShortTextIsAnErrorThatSaysHowLongItMustBe() {
    assertThatThrownBy(() -> run(ChainDecoder.uniform(TinyDecoder.VOCABULARY), new int[27]))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("27", "20", "8");
  }
}
