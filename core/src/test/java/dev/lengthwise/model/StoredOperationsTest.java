package dev.lengthwise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.checkpoint.TorchMemory;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.RandomWeights;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.method.Rope;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.ModelShape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A decoder on weights in place computes what the decoder in libtorch does on the same weights,
/// decoded.
class StoredOperationsTest {

  private static final int HIDDEN = 256;
  private static final int INNER = 512;
  private static final int VOCABULARY = 40;
  private static final ModelShape SHAPE = new ModelShape(2, 4, 4, 64, 64, 10_000, 64);
  private static final ModelSpec SPEC =
      new ModelSpec("tiny", VOCABULARY, HIDDEN, INNER, 1e-5, SHAPE, new Rope());

  // Mixes all three, so that none can be wrong unseen.
  private static final LayerAttention MIX =
      (layer, queries, keys, values) -> queries.add(keys.mul(values)).mul(new Scalar(0.5));

  private final Workers workers = new Workers(2);
  private final MatrixProducts products = new MatrixProducts(workers);
  private final Arena arena = Arena.ofShared();
  private final PointerScope scope = new PointerScope();
  private int seed;

  @AfterEach
  void end() {
    scope.close();
    arena.close();
    workers.close();
  }

  private Linear.Stored linear(WeightType type, int outputs, int inputs) {
    return new Linear.Stored(RandomWeights.of(type, outputs, inputs, seed++, arena));
  }

  private Linear.Stored turned(WeightType type, int outputs, int inputs) {
    int[] places = new int[outputs];
    float[] bias = new float[outputs];
    SplittableRandom random = new SplittableRandom(seed);
    for (int output = 0; output < outputs; output++) {
      places[output] = output / 8 * 8 + output % 8 / 2 + output % 2 * 4;
      bias[output] = random.nextFloat();
    }
    return new Linear.Stored(linear(type, outputs, inputs).weight(), bias, places);
  }

  // Small gains keep products of weights around 1 in range.
  private static Tensor gain() {
    return torch.rand(HIDDEN).mul(new Scalar(0.1));
  }

  private DecoderWeights stored(WeightType type) {
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < SHAPE.layers(); layer++) {
      layers.add(
          new DecoderWeights.Layer(
              gain(),
              turned(type, HIDDEN, HIDDEN),
              turned(type, HIDDEN, HIDDEN),
              linear(type, HIDDEN, HIDDEN),
              linear(type, HIDDEN, HIDDEN),
              gain(),
              linear(type, INNER, HIDDEN),
              linear(type, INNER, HIDDEN),
              linear(type, HIDDEN, INNER)));
    }
    Linear embedding = linear(type, VOCABULARY, HIDDEN);
    return new DecoderWeights(embedding, layers, gain(), embedding);
  }

  private NamedWeights dense(DecoderWeights stored) {
    Map<String, Tensor> tensors = new HashMap<>();
    tensors.put(DecoderTensors.EMBEDDING, dense(stored.embedding()));
    tensors.put(DecoderTensors.LAST_NORM + ".weight", stored.norm());
    for (int index = 0; index < stored.layers().size(); index++) {
      DecoderWeights.Layer layer = stored.layers().get(index);
      String prefix = DecoderTensors.prefix(index);
      tensors.put(prefix + DecoderTensors.MIXER_NORM + ".weight", layer.attentionNorm());
      tensors.put(prefix + DecoderTensors.FEED_FORWARD_NORM + ".weight", layer.feedForwardNorm());
      tensors.put(prefix + "self_attn.q_proj.bias", bias(layer.query()));
      tensors.put(prefix + "self_attn.k_proj.bias", bias(layer.key()));
      Map.of(
              "self_attn.q_proj", layer.query(),
              "self_attn.k_proj", layer.key(),
              "self_attn.v_proj", layer.value(),
              "self_attn.o_proj", layer.output(),
              "mlp.gate_proj", layer.gate(),
              "mlp.up_proj", layer.up(),
              "mlp.down_proj", layer.down())
          .forEach((name, linear) -> tensors.put(prefix + name + ".weight", dense(linear)));
    }
    return new NamedWeights(SPEC, tensors);
  }

  private Tensor dense(Linear linear) {
    Linear.Stored stored = StoredOperations.stored(linear);
    WeightMatrix weight = stored.weight();
    Tensor rows = torch.empty(new long[] {weight.rows(), weight.columns()});
    for (int row = 0; row < weight.rows(); row++) {
      int place = stored.places() == null ? row : stored.places()[row];
      products.decodeRow(weight, row, TorchMemory.bytesOf(rows.select(0, place)));
    }
    return rows;
  }

  private static Tensor bias(Linear linear) {
    Linear.Stored stored = StoredOperations.stored(linear);
    float[] bias = Objects.requireNonNull(stored.bias());
    int[] places = Objects.requireNonNull(stored.places());
    float[] placed = new float[bias.length];
    for (int row = 0; row < bias.length; row++) {
      placed[places[row]] = bias[row];
    }
    return Tensor.create(placed);
  }

  private static Tensor logits(Decoder decoder, int tokens) {
    try (NoGradGuard _ = new NoGradGuard()) {
      long[] ids = new SplittableRandom(5).longs(tokens, 0, VOCABULARY).toArray();
      return decoder.logits(decoder.hidden(Tensor.create(ids).view(1, tokens), MIX));
    }
  }

  // The greatest difference, as a part of the greatest logit.
  private static double difference(Tensor found, Tensor expected) {
    assertThat(found.sizes().vec().get()).isEqualTo(expected.sizes().vec().get());
    return found.sub(expected).abs().max().item_double() / expected.abs().max().item_double();
  }

  @ParameterizedTest
  @EnumSource
  void logitsAreThoseOfTheDecodedWeights(WeightType type) {
    DecoderWeights weights = stored(type);
    Decoder expected = new Decoder(SPEC, dense(weights));
    Decoder found =
        new Decoder(SPEC, weights, new StoredOperations(SPEC, weights, products, false, () -> {}));
    for (int tokens : new int[] {1, 2, 5, 12, 13, 48, 49}) {
      assertThat(difference(logits(found, tokens), logits(expected, tokens)))
          .as("%d tokens", tokens)
          .isLessThan(2e-5);
    }
  }

  /// The stream is shown after every layer, before the next one changes it in place.
  @Test
  void streamsBetweenLayersAreThoseOfTheDecodedWeights() {
    DecoderWeights weights = stored(WeightType.F32);
    List<Tensor> expected = streams(new Decoder(SPEC, dense(weights)));
    List<Tensor> found =
        streams(
            new Decoder(
                SPEC, weights, new StoredOperations(SPEC, weights, products, false, () -> {})));
    assertThat(found).hasSameSizeAs(expected).hasSize(SHAPE.layers());
    for (int layer = 0; layer < found.size(); layer++) {
      assertThat(difference(found.get(layer), expected.get(layer))).isLessThan(2e-5);
    }
  }

  private static List<Tensor> streams(Decoder decoder) {
    List<Tensor> streams = new ArrayList<>();
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor ids = Tensor.create(new long[] {3, 1, 4, 1, 5}).view(1, 5);
      decoder.hidden(ids, MIX, (stream, _) -> streams.add(stream.clone().retainReference()));
    }
    return streams;
  }

  @ParameterizedTest
  @EnumSource
  void manyTokensInHalfPrecisionAreClose(WeightType type) {
    DecoderWeights weights = stored(type);
    Decoder expected = new Decoder(SPEC, dense(weights));
    Decoder found =
        new Decoder(SPEC, weights, new StoredOperations(SPEC, weights, products, true, () -> {}));
    assertThat(difference(logits(found, 40), logits(expected, 40))).isBetween(1e-6, 5e-2);
    assertThat(difference(logits(found, 1), logits(expected, 1)))
        .as("one token is not rounded")
        .isLessThan(2e-5);
  }

  @Test
  void aResultThatIsNotFiniteIsExamined() {
    DecoderWeights weights = stored(WeightType.F32);
    List<String> examined = new ArrayList<>();
    Decoder decoder =
        new Decoder(
            SPEC,
            weights,
            new StoredOperations(SPEC, weights, products, false, () -> examined.add("once")));
    logits(decoder, 3);
    assertThat(examined).isEmpty();
    StoredOperations.stored(weights.layers().getFirst().up())
        .weight()
        .data()
        .set(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 40, Float.NaN);
    logits(decoder, 3);
    assertThat(examined).containsExactly("once");
  }
}
