package dev.lengthwise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.RandomWeights;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.method.Rope;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.torch.TorchMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
class MappedOperationsTest {

  private static final int HIDDEN = 256;
  private static final int INNER = 512;
  private static final int VOCABULARY = 40;
  private static final ModelShape SHAPE = new ModelShape(2, 4, 4, 64, 64, 10_000, 64);
  private static final ModelSpec SPEC =
      new Architecture(
              Architecture.NormKind.RMS,
              Architecture.Placement.PRE,
              Architecture.FeedForwardKind.SWIGLU,
              true,
              List.of(Architecture.Block.ATTENTION))
          .model(
              "tiny",
              new Architecture.Sizes(VOCABULARY, HIDDEN, INNER, 1e-5, true),
              SHAPE,
              new Rope());

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

  private Projection.Mapped projection(WeightSpec weight, WeightType type) {
    int outputs = Math.toIntExact(weight.shape().getFirst());
    int inputs = Math.toIntExact(weight.shape().getLast());
    WeightMatrix matrix = RandomWeights.of(type, outputs, inputs, seed++, arena);
    return switch (weight.id().slot()) {
      case QUERY, KEY -> turned(matrix);
      default -> new Projection.Mapped(matrix);
    };
  }

  private Projection.Mapped turned(WeightMatrix matrix) {
    int[] places = new int[matrix.rows()];
    float[] bias = new float[matrix.rows()];
    SplittableRandom random = new SplittableRandom(seed);
    for (int output = 0; output < places.length; output++) {
      places[output] = output / 8 * 8 + output % 8 / 2 + output % 2 * 4;
      bias[output] = random.nextFloat();
    }
    return new Projection.Mapped(matrix, bias, places);
  }

  // Small gains keep products of weights around 1 in range.
  private Weights mapped(WeightType type) {
    Map<WeightId, Projection> projections = new LinkedHashMap<>();
    Map<WeightId, Tensor> vectors = new LinkedHashMap<>();
    for (WeightSpec weight : WeightList.of(SPEC)) {
      if (weight.role().isMatrix()) {
        projections.put(weight.id(), projection(weight, type));
      } else if (weight.role() == WeightRole.GAIN) {
        vectors.put(weight.id(), torch.rand(weight.dimensions()).mul(new Scalar(0.1)));
      }
    }
    projections.put(
        WeightId.of(Slot.HEAD),
        Objects.requireNonNull(projections.get(WeightId.of(Slot.EMBEDDING))));
    return new Weights(projections, vectors);
  }

  private Weights dense(Weights mapped) {
    Map<String, Tensor> tensors = new HashMap<>();
    for (WeightSpec weight : WeightList.of(SPEC)) {
      WeightId id = weight.id();
      if (weight.role().isMatrix()) {
        Projection.Mapped own = (Projection.Mapped) mapped.projection(id);
        tensors.put(id.name(), dense(own));
        if (own.bias() != null) {
          float[] bias = Objects.requireNonNull(own.placedBias());
          tensors.put(id.with(WeightId.Part.BIAS).name(), Tensor.create(bias));
        }
      } else if (weight.role() == WeightRole.GAIN) {
        tensors.put(id.name(), mapped.vector(id));
      }
    }
    return Weights.dense(SPEC, tensors, null);
  }

  private Tensor dense(Projection.Mapped projection) {
    WeightMatrix weight = projection.weight();
    Tensor rows = torch.empty(new long[] {weight.rows(), weight.columns()});
    for (int row = 0; row < weight.rows(); row++) {
      int place = projection.places() == null ? row : projection.places()[row];
      products.decodeRows(weight, null, row, 1, TorchMemory.bytesOf(rows.select(0, place)), false);
    }
    return rows;
  }

  private Decoder decoder(Weights mapped, boolean bf16, Runnable examine) {
    return Decoder.mapped(SPEC, mapped, new MappedArithmetic(products, bf16, examine));
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
    Weights weights = mapped(type);
    Decoder expected = Decoder.torch(SPEC, dense(weights));
    Decoder found = decoder(weights, false, () -> {});
    for (int tokens : new int[] {1, 2, 5, 12, 13, 48, 49}) {
      assertThat(difference(logits(found, tokens), logits(expected, tokens)))
          .as("%d tokens", tokens)
          .isLessThan(2e-5);
    }
  }

  /// Twenty are more than what libtorch takes over at, were they of one text.
  @ParameterizedTest
  @EnumSource
  void textsOfOneTokenGetWhatTheyGetAlone(WeightType type) {
    Decoder decoder = decoder(mapped(type), true, () -> {});
    long[] ids = new SplittableRandom(6).longs(20, 0, VOCABULARY).toArray();
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor together = decoder.logits(decoder.hidden(Tensor.create(ids).view(20, 1), MIX));
      for (int text = 0; text < ids.length; text++) {
        Tensor alone =
            decoder.logits(decoder.hidden(Tensor.create(ids[text]).view(1, 1), MIX)).select(0, 0);
        assertThat(torch.equal(together.select(0, text), alone)).isTrue();
      }
    }
  }

  /// The stream is shown after every layer, before the next one changes it in place.
  @Test
  void streamsBetweenLayersAreThoseOfTheDecodedWeights() {
    Weights weights = mapped(WeightType.F32);
    List<Tensor> expected = streams(Decoder.torch(SPEC, dense(weights)));
    List<Tensor> found = streams(decoder(weights, false, () -> {}));
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
    Weights weights = mapped(type);
    Decoder expected = Decoder.torch(SPEC, dense(weights));
    Decoder found = decoder(weights, true, () -> {});
    assertThat(difference(logits(found, 40), logits(expected, 40))).isBetween(1e-6, 5e-2);
    assertThat(difference(logits(found, 1), logits(expected, 1)))
        .as("one token is not rounded")
        .isLessThan(2e-5);
  }

  @Test
  void aResultThatIsNotFiniteIsExamined() {
    Weights weights = mapped(WeightType.F32);
    List<String> examined = new ArrayList<>();
    Decoder decoder = decoder(weights, false, () -> examined.add("once"));
    logits(decoder, 3);
    assertThat(examined).isEmpty();
    MappedOperations.mapped(weights.projection(0, Slot.UP))
        .weight()
        .data()
        .set(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 40, Float.NaN);
    logits(decoder, 3);
    assertThat(examined).containsExactly("once");
  }

  @Test
  void fewerTokensUseTheMemoryOfMore() {
    Operations.Pass pass =
        new MappedOperations(new MappedArithmetic(products, false, () -> {})).start(1, 8);
    Projection.Mapped up =
        new Projection.Mapped(RandomWeights.of(WeightType.F32, INNER, HIDDEN, seed, arena));
    Tensor eight = torch.randn(1, 8, HIDDEN);
    Tensor three = eight.narrow(1, 5, 3).contiguous();

    Tensor more = pass.product(Slot.UP, Rows.of(eight), up).tensor();
    Tensor last = more.narrow(1, 5, 3).clone();
    Tensor fewer = pass.product(Slot.UP, Rows.of(three), up).tensor();

    assertThat(fewer.data_ptr()).isEqualTo(more.data_ptr());
    assertThat(fewer.sizes().vec().get()).containsExactly(1, 3, INNER);
    assertThat(torch.allclose(fewer, last, 1e-6, 1e-5, false)).isTrue();
  }
}
