package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.method.LongRope;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Methods;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What must hold for every method of the catalogue, in a whole decoder of two layers: engines
/// agree; reading at once, in chunks and token by token are the same; a text in a batch gets what
/// it gets alone; within its identity length a method changes no bit.
class EveryMethodTest {

  private static final int TRAINED = 32;
  private static final ModelShape SHAPE = TinyDecoder.shape(TRAINED);
  // Around the trained length, its quarter (windows), the tile of 64, and primes.
  private static final int[] LENGTHS = {1, 2, 3, 7, 8, 9, 31, 32, 33, 63, 64, 65, 97, 131};
  private static final int LONGEST = 131;

  /// Every method with its defaults, and combinations.
  static Stream<String> methods() {
    return Stream.concat(
        Methods.names().stream(),
        Stream.of(
            "rerope:window=8+log-n",
            "lm-infinite:local=5,global=3",
            "lm-infinite:local=16,global=0",
            "lm-infinite:local=16,global=40",
            "streaming-llm:sinks=2,window=9",
            "dual-chunk:chunk=12,local=5",
            "self-extend:group=3,window=7",
            "leaky-rerope:window=1,factor=2",
            "alibi+dual-chunk:chunk=12,local=5",
            "kerple:kind=power+leaky-rerope:window=5,factor=3",
            "kerple+lm-infinite:local=5,global=3",
            "sandwich:channels=10+dual-chunk:chunk=12,local=5",
            "sandwich+streaming-llm:sinks=2,window=9",
            "t5:buckets=6,distance=40+leaky-rerope:window=7,factor=3",
            "t5+self-extend:group=3,window=7",
            "fire:width=5,threshold=20+leaky-rerope:window=5,factor=0.5",
            "fire+lm-infinite:local=16,global=40",
            "dynamic-ntk:factor=4+window:window=20",
            "coca:variant=slack",
            "coca:variant=slack+dynamic-ntk:factor=4+log-n",
            "coca+rerope:window=8",
            "xpos:scale=40+window:window=20",
            "xpos+rerope:window=8",
            "xpos:scale=20+self-extend:group=3,window=7",
            "xpos+dynamic-ntk:factor=4",
            "cosine:dynamic=true+log-n:minimum=0",
            "key-norm+dynamic-ntk:factor=4",
            "hwfa2:window=9,full=1,rerope=12"));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void enginesAgree(String text) {
    Decoder decoder = TinyDecoder.random(SHAPE, new Rope(), 1);
    PlanFunction plans = plans(text);
    try (Workers workers = new Workers(2)) {
      for (int length : LENGTHS) {
        int[] ids = TinyDecoder.ids(length, length);
        float[][] expected = logits(decoder, plans, new ReferenceAttention(), ids, length);
        for (Attention engine : List.of(new VectorAttention(workers), new TorchAttention())) {
          assertClose(logits(decoder, plans, engine, ids, length), expected, text);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void readingInAnyChunksIsReadingAtOnce(String text) {
    Decoder decoder = TinyDecoder.random(SHAPE, new Rope(), 2);
    PlanFunction plans = plans(text);
    int[] ids = TinyDecoder.ids(LONGEST, 5);
    try (Workers workers = new Workers(2)) {
      Attention engine = new VectorAttention(workers);
      float[][] expected = logits(decoder, plans, new ReferenceAttention(), ids, LONGEST);
      for (int chunk : List.of(1, 7, 64, LONGEST)) {
        assertClose(logits(decoder, plans, engine, ids, chunk), expected, text + " by " + chunk);
      }
    }
  }

  /// Keys and values in bf16 have a relative error of 2⁻⁹, in q8_0 one of 1/254 of the greatest
  /// channel: the logits of two layers move by a few of these. And however a text is read, the same
  /// rounded numbers are kept.
  @ParameterizedTest
  @MethodSource("methods")
  void narrowCachesAreNearAndReadInAnyChunks(String text) {
    Decoder decoder = TinyDecoder.random(SHAPE, new Rope(), 9);
    PlanFunction plans = plans(text);
    int[] ids = TinyDecoder.ids(LONGEST, 10);
    try (Workers workers = new Workers(2)) {
      Attention engine = new VectorAttention(workers);
      float[][] exact = logits(decoder, plans, engine, ids, LONGEST);
      for (CacheType type : List.of(CacheType.BF16, CacheType.Q8_0)) {
        float[][] whole = logits(new InferenceModel(decoder, plans, engine, type), ids, LONGEST);
        float[][] single = logits(new InferenceModel(decoder, plans, engine, type), ids, 1);
        assertThat(relativeDistance(whole, exact)).as("%s in %s", text, type).isLessThan(0.03);
        assertThat(relativeDistance(single, whole)).as("%s in %s", text, type).isLessThan(0.01);
      }
    }
  }

  // ‖actual − expected‖ / ‖expected‖ over all logits.
  private static double relativeDistance(float[][] actual, float[][] expected) {
    double difference = 0;
    double norm = 0;
    for (int row = 0; row < expected.length; row++) {
      for (int at = 0; at < expected[row].length; at++) {
        difference += Math.pow(actual[row][at] - (double) expected[row][at], 2);
        norm += Math.pow(expected[row][at], 2);
      }
    }
    return Math.sqrt(difference / norm);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aTextInABatchGetsWhatItGetsAlone(String text) {
    Decoder decoder = TinyDecoder.random(SHAPE, new Rope(), 3);
    try (Workers workers = new Workers(2)) {
      InferenceModel inference =
          new InferenceModel(decoder, plans(text), new VectorAttention(workers));
      List<int[]> texts =
          List.of(TinyDecoder.ids(70, 1), TinyDecoder.ids(3, 2), TinyDecoder.ids(41, 3));
      List<Sequence> sequences =
          texts.stream().map(ids -> inference.newSequence().declareLength(80)).toList();
      float[][] together = advanceAll(inference, sequences, texts);
      float[][] next = advanceAll(inference, sequences, Collections.nCopies(3, new int[] {1, 2}));
      for (int index = 0; index < texts.size(); index++) {
        try (Sequence alone = inference.newSequence().declareLength(80)) {
          assertClose(row(together, index), last(alone, texts.get(index)), text);
          assertClose(row(next, index), last(alone, 1, 2), text);
        }
      }
      sequences.forEach(Sequence::close);
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void nothingChangesWithinTheIdentityLength(String text) {
    Decoder decoder = TinyDecoder.random(SHAPE, new Rope(), 4);
    PlanFunction plans = plans(text);
    int length = (int) Math.min(LONGEST, plans.chosen().identityLength(SHAPE));
    if (length == 0) {
      return;
    }
    int[] ids = TinyDecoder.ids(length, 6);
    PlanFunction plain = new PlanFunction(SHAPE, new Rope(), new Rope());
    try (Workers workers = new Workers(2)) {
      Attention engine = new VectorAttention(workers);
      assertThat(logits(decoder, plans, engine, ids, length))
          .isDeepEqualTo(logits(decoder, plain, engine, ids, length));
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void theNumberOfThreadsChangesNoBitOfAttention(String text) {
    PlanFunction plans = plans(text);
    Decoder decoder = TinyDecoder.random(SHAPE, new Rope(), 7);
    int[] ids = TinyDecoder.ids(97, 8);
    try (Workers one = new Workers(1);
        Workers three = new Workers(3)) {
      assertThat(logits(decoder, plans, new VectorAttention(three), ids, 97))
          .isDeepEqualTo(logits(decoder, plans, new VectorAttention(one), ids, 97));
    }
  }

  private static PlanFunction plans(String text) {
    PositionMethod rope = new Rope();
    PositionMethod declared =
        text.equals("longrope") ? new LongRope(lists(1.0), lists(4.0), TRAINED, 1.2) : rope;
    PositionMethod chosen = new MethodParser(SHAPE, declared, OptionalLong.of(LONGEST)).parse(text);
    return new PlanFunction(SHAPE, rope, chosen);
  }

  private static List<Double> lists(double last) {
    List<Double> divisors = new ArrayList<>(Collections.nCopies(SHAPE.rotarySize() / 2, 1.0));
    divisors.set(divisors.size() - 1, last);
    return divisors;
  }

  private static float[][] logits(
      Decoder decoder, PlanFunction plans, Attention engine, int[] ids, int chunk) {
    return logits(new InferenceModel(decoder, plans, engine), ids, chunk);
  }

  private static float[][] logits(InferenceModel inference, int[] ids, int chunk) {
    List<float[]> rows = new ArrayList<>();
    try (Sequence sequence = inference.newSequence().declareLength(ids.length)) {
      sequence.read(
          ids,
          chunk,
          (first, hidden) -> {
            Tensor logits = sequence.logits(hidden);
            for (int row = 0; row < hidden.size(0); row++) {
              rows.add(Logits.toArray(logits.select(0, row)));
            }
          });
    }
    return rows.toArray(float[][]::new);
  }

  private static float[][] advanceAll(
      InferenceModel inference, List<Sequence> sequences, List<int[]> ids) {
    List<InferenceModel.Step> steps = new ArrayList<>();
    for (int index = 0; index < ids.size(); index++) {
      steps.add(new InferenceModel.Step(sequences.get(index), ids.get(index)));
    }
    try (PointerScope _ = new PointerScope()) {
      return inference.forward(steps).stream()
          .map(hidden -> Logits.toArray(hidden.narrow(0, hidden.size(0) - 1, 1)))
          .toArray(float[][]::new);
    }
  }

  private static float[][] last(Sequence sequence, int... ids) {
    try (PointerScope _ = new PointerScope()) {
      Tensor hidden = sequence.prefill(ids);
      return new float[][] {Logits.toArray(hidden.narrow(0, hidden.size(0) - 1, 1))};
    }
  }

  private static float[][] row(float[][] rows, int index) {
    return new float[][] {rows[index]};
  }

  private static void assertClose(float[][] actual, float[][] expected, String what) {
    assertThat(actual.length).isEqualTo(expected.length);
    double bound =
        2e-5 * Arrays.stream(expected).mapToDouble(row -> largest(row)).max().orElseThrow();
    for (int row = 0; row < actual.length; row++) {
      for (int column = 0; column < actual[row].length; column++) {
        // One assertion for each of millions of numbers would be a quarter of the time.
        double distance = Math.abs(actual[row][column] - (double) expected[row][column]);
        if (!(distance <= bound)) {
          fail(
              "%s, row %d of %d, column %d: expected %s, found %s"
                  .formatted(
                      what,
                      row,
                      actual.length,
                      column,
                      expected[row][column],
                      actual[row][column]));
        }
      }
    }
  }

  private static double largest(float[] row) {
    double largest = 1e-3;
    for (float value : row) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
