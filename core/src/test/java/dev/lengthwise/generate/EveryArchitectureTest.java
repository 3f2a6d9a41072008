package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.LayerAttention;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What must hold for every architecture: engines agree, reading in any chunks is reading at once,
/// later tokens change nothing before them, and gradients are those of finite differences.
class EveryArchitectureTest {

  private static final int LENGTH = 71;
  private static final double STEP = 1e-5;

  private final PointerScope scope = new PointerScope();
  private final Workers workers = new Workers(2);

  @AfterEach
  void end() {
    workers.close();
    scope.close();
  }

  static Set<String> names() {
    return Architectures.ALL.keySet();
  }

  private static ModelSpec spec(String name) {
    return Architectures.spec(name, TinyDecoder.VOCABULARY, 12, 10);
  }

  private static InferenceModel inference(Decoder decoder, Attention engine) {
    ModelSpec spec = decoder.spec();
    return new InferenceModel(
        decoder, new PlanFunction(spec.shape(), spec.declared(), spec.declared()), engine);
  }

  // [tokens, vocabulary]
  private static Tensor logits(InferenceModel inference, int[] ids, int chunk) {
    try (Sequence sequence = inference.newSequence()) {
      return read(sequence, ids, chunk);
    }
  }

  private static Tensor read(Sequence sequence, int[] ids, int chunk) {
    TensorVector parts = new TensorVector();
    for (int from = 0; from < ids.length; from += chunk) {
      int until = Math.min(ids.length, from + chunk);
      parts.push_back(sequence.logits(sequence.prefill(Arrays.copyOfRange(ids, from, until))));
    }
    return torch.cat(parts, 0).clone();
  }

  private static void assertClose(Tensor found, Tensor expected, String what) {
    assertThat(found.sub(expected).abs().max().item_double())
        .as(what)
        .isLessThan(2e-4 * expected.abs().max().item_double());
  }

  @ParameterizedTest
  @MethodSource("names")
  void readingInAnyChunksWithAnyEngineIsReadingAtOnce(String name) {
    Decoder decoder = TinyDecoder.random(spec(name), 3);
    int[] ids = TinyDecoder.ids(LENGTH, 5);
    Tensor expected = logits(inference(decoder, new ReferenceAttention()), ids, LENGTH);
    assertClose(logits(inference(decoder, new TorchAttention()), ids, LENGTH), expected, name);
    InferenceModel inference = inference(decoder, new VectorAttention(workers));
    for (int chunk : List.of(1, 7, 64, LENGTH)) {
      assertClose(logits(inference, ids, chunk), expected, name + " by " + chunk);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void textInABatchGetsWhatItGetsAlone(String name) {
    InferenceModel inference =
        inference(TinyDecoder.random(spec(name), 4), new VectorAttention(workers));
    int[] first = TinyDecoder.ids(9, 1);
    int[] second = TinyDecoder.ids(23, 2);
    Tensor expected = logits(inference, second, 23);
    try (Sequence left = inference.newSequence();
        Sequence right = inference.newSequence()) {
      left.prefill(1, 2, 3);
      List<Tensor> hidden =
          inference.forward(
              List.of(
                  new InferenceModel.Step(left, first), new InferenceModel.Step(right, second)));
      assertClose(right.logits(hidden.get(1)), expected, name);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void rewindForgetsWhatWasReadSinceTheMark(String name) {
    InferenceModel inference =
        inference(TinyDecoder.random(spec(name), 5), new VectorAttention(workers));
    int[] ids = TinyDecoder.ids(20, 3);
    Tensor expected = logits(inference, ids, 20).narrow(0, 12, 8);
    try (Sequence sequence = inference.newSequence()) {
      read(sequence, Arrays.copyOf(ids, 12), 5);
      sequence.mark();
      read(sequence, TinyDecoder.ids(6, 9), 2);
      sequence.rewind();
      assertClose(read(sequence, Arrays.copyOfRange(ids, 12, 20), 3), expected, name);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void forksGoOnByThemselvesUnderEveryEngine(String name) {
    Decoder decoder = TinyDecoder.random(spec(name), 5);
    int[] ids = TinyDecoder.ids(20, 3);
    int[] rest = Arrays.copyOfRange(ids, 12, 20);
    for (Attention engine : List.of(new VectorAttention(workers), new TorchAttention())) {
      InferenceModel inference = inference(decoder, engine);
      Tensor expected = logits(inference, ids, 20).narrow(0, 12, 8);
      Sequence sequence = inference.newSequence();
      read(sequence, Arrays.copyOf(ids, 12), 5);
      try (Sequence fork = sequence.fork()) {
        read(sequence, TinyDecoder.ids(6, 9), 2);
        sequence.close();
        assertClose(read(fork, rest, 3), expected, name);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aMarkMayLieAheadOfWhatIsRead(String name) {
    InferenceModel inference =
        inference(TinyDecoder.random(spec(name), 5), new VectorAttention(workers));
    int[] ids = TinyDecoder.ids(20, 3);
    Tensor expected = logits(inference, ids, 20).narrow(0, 12, 8);
    try (Sequence sequence = inference.newSequence()) {
      read(sequence, Arrays.copyOf(ids, 5), 5);
      sequence.markAhead(7);
      assertThat(sequence.canRewind(12)).isFalse();
      read(sequence, Arrays.copyOfRange(ids, 5, 16), 9);
      sequence.rewind();
      assertThat(sequence.length()).isEqualTo(12);
      assertClose(read(sequence, Arrays.copyOfRange(ids, 12, 20), 3), expected, name);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void laterTokensChangeNothingBeforeThem(String name) {
    InferenceModel inference = inference(TinyDecoder.random(spec(name), 6), new TorchAttention());
    int[] ids = TinyDecoder.ids(15, 3);
    int[] other = ids.clone();
    other[10] = (ids[10] + 1) % TinyDecoder.VOCABULARY;
    Tensor one = logits(inference, ids, 15);
    Tensor two = logits(inference, other, 15);
    assertThat(one.narrow(0, 0, 10).sub(two.narrow(0, 0, 10)).abs().max().item_double()).isZero();
    assertThat(one.narrow(0, 14, 1).sub(two.narrow(0, 14, 1)).abs().max().item_double())
        .as("the tokens after it do see it")
        .isGreaterThan(1e-6);
  }

  @Test
  void stateOfARecurrenceDoesNotGrow() {
    InferenceModel inference =
        inference(TinyDecoder.random(spec("lru"), 7), new VectorAttention(workers));
    try (Sequence sequence = inference.newSequence()) {
      sequence.prefill(TinyDecoder.ids(3, 1));
      long bytes = sequence.cacheBytes();
      assertThat(bytes).isEqualTo(2 * 2 * 12 * Float.BYTES); // layers, parts, channels
      sequence.prefill(TinyDecoder.ids(60, 1));
      assertThat(sequence.cacheBytes()).isEqualTo(bytes);
    }
  }

  /// In one stack heads are 2 and 1: what has a number for each of them fits but some layers.
  @Test
  void biasOfManyHeadsIsRefusedWhereALayerHasOne() {
    ModelSpec spec = spec("gau-and-attention");
    PositionMethod alibi = new MethodParser(spec.shape(), spec.declared()).parse("alibi");
    Decoder decoder = TinyDecoder.random(spec, 3);
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), alibi);
    InferenceModel inference = new InferenceModel(decoder, plans, new TorchAttention());
    assertThatThrownBy(() -> logits(inference, new int[] {1, 2}, 2))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage(
            "The method adds a score bias, which has numbers for each of 2 heads, but layer 1 is a"
                + " gated attention unit with one head; take a method without a bias.");
  }

  @Test
  void everyLayerOfAMixedStackHasItsOwnKeysAndValues() {
    InferenceModel inference =
        inference(TinyDecoder.random(spec("gau-and-attention"), 3), new TorchAttention());
    assertThat(inference.keyValueShape(0)).isEqualTo(new KeyValueShape(1, 4, 10, CacheType.F32));
    assertThat(inference.keyValueShape(1)).isEqualTo(new KeyValueShape(1, 4, 4, CacheType.F32));
    assertThat(inference.decoder().spec().heads(1)).isEqualTo(2);
  }

  /// All weights at once, in double: every tensor is moved along its gradient, and single elements
  /// of each are compared.
  @ParameterizedTest
  @MethodSource("names")
  void gradientsAreThoseOfFiniteDifferences(String name) {
    ModelSpec spec = Architectures.spec(name, 11, 6, 5);
    Map<String, Tensor> weights = TinyDecoder.weights(spec, ScalarType.Double, 8);
    weights.values().forEach(weight -> weight.set_requires_grad(true));
    Tensor mixture = torch.randn(2, 7, 11).to(ScalarType.Double);
    List<String> order = new ArrayList<>(weights.keySet());
    TensorVector gradients =
        torch.grad(
            new TensorVector(value(spec, weights, mixture)),
            new TensorVector(weights.values().toArray(new Tensor[0])));
    for (int index = 0; index < order.size(); index++) {
      Tensor weight = Objects.requireNonNull(weights.get(order.get(index)));
      Tensor gradient = gradients.get(index).contiguous();
      for (long element = 0; element < weight.numel(); element += 1 + weight.numel() / 3) {
        double expected = difference(spec, weights, mixture, weight, element);
        assertThat(gradient.data_ptr_double().get(element))
            .as("%s: %s, element %d", name, order.get(index), element)
            .isCloseTo(expected, Offset.offset(1e-6 * Math.max(1, Math.abs(expected))));
      }
    }
  }

  private static double difference(
      ModelSpec spec, Map<String, Tensor> weights, Tensor mixture, Tensor weight, long element) {
    try (NoGradGuard _ = new NoGradGuard()) {
      double before = weight.data_ptr_double().get(element);
      weight.data_ptr_double().put(element, before + STEP);
      double above = value(spec, weights, mixture).item_double();
      weight.data_ptr_double().put(element, before - STEP);
      double below = value(spec, weights, mixture).item_double();
      weight.data_ptr_double().put(element, before);
      return (above - below) / (2 * STEP);
    }
  }

  private static Tensor value(ModelSpec spec, Map<String, Tensor> weights, Tensor mixture) {
    Decoder decoder = Decoder.torch(spec, Weights.dense(spec, weights, null));
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
    LayerAttention attention =
        (layer, queries, keys, values) ->
            new TorchAttention()
                .attend(
                    plans.plan(layer, 7).with(spec.scores(layer, new double[0])),
                    new QueryRows(queries, 0),
                    KeyValueRows.fromStart(keys, values));
    long[] ids = {1, 5, 3, 3, 10, 0, 7, 2, 2, 9, 4, 8, 6, 1};
    return decoder.logits(decoder.hidden(Tensor.create(ids, 2, 7), attention)).mul(mixture).sum();
  }
}
