package dev.lengthwise.diagnose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.TinyDecoder;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.PlanFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HiddenStatePcaTest {

  private static final Offset<Double> CLOSE = Offset.offset(1e-9);

  private final PointerScope scope = new PointerScope();

  @AfterEach
  void end() {
    scope.close();
  }

  private static HiddenStatePca plane(double[][] states) {
    double[] all = Arrays.stream(states).flatMapToDouble(Arrays::stream).toArray();
    return HiddenStatePca.of(0, Tensor.create(all, states.length, states[0].length));
  }

  /// Points of a plane in five channels: `mean + a u + b v`, with orthonormal `u` and `v`, and
  /// `a`, `b` of mean 0 that do not go together.
  @Test
  void planeOfStatesThatLieInOneIsFound() {
    double[] mean = {3, -1, 4, 1, -5};
    double[] u = {0.6, 0, 0.8, 0, 0};
    double[] v = {0, 0.8, 0, -0.6, 0};
    double[] a = {-4, 4, -4, 4};
    double[] b = {-1, -1, 1, 1};
    double[][] states = new double[4][5];
    for (int token = 0; token < 4; token++) {
      for (int channel = 0; channel < 5; channel++) {
        states[token][channel] = mean[channel] + a[token] * u[channel] + b[token] * v[channel];
      }
    }
    HiddenStatePca found = plane(states);

    assertThat(found.explained().getFirst()).isCloseTo(64 / 68.0, CLOSE);
    assertThat(found.explained().getLast()).isCloseTo(4 / 68.0, CLOSE);
    for (int token = 0; token < 4; token++) {
      // The first token has a and b below 0, and so both signs turn.
      assertThat(found.points().get(token).x()).isCloseTo(-a[token], CLOSE);
      assertThat(found.points().get(token).y()).isCloseTo(-b[token], CLOSE);
    }
  }

  /// The greater eigenvalue of the covariance of two channels, by the formula for two.
  @Test
  void sharesAreThoseOfTheEigenvalues() {
    double[][] states = {{1, 2}, {2, 1}, {4, 5}, {-3, 0}, {0, -7}};
    double x = 0.8;
    double y = 0.2;
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (double[] state : states) {
      xx += (state[0] - x) * (state[0] - x);
      xy += (state[0] - x) * (state[1] - y);
      yy += (state[1] - y) * (state[1] - y);
    }
    double greater = (xx + yy) / 2 + Math.sqrt((xx - yy) * (xx - yy) / 4 + xy * xy);
    HiddenStatePca found = plane(states);

    assertThat(found.explained().getFirst()).isCloseTo(greater / (xx + yy), CLOSE);
    assertThat(found.explained().getFirst() + found.explained().getLast()).isCloseTo(1, CLOSE);
    assertThat(found.points().getFirst().x()).isNotNegative();
    assertThat(found.points().getFirst().y()).isNotNegative();
  }

  @Test
  void equalStatesVaryInNothing() {
    HiddenStatePca found = plane(new double[][] {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}});

    assertThat(found.explained()).containsExactly(0.0, 0.0);
    assertThat(found.points()).allSatisfy(at -> assertThat(at.x() + at.y()).isZero());
  }

  @Test
  void statesThatAreNotFiniteAreRefused() {
    assertThatThrownBy(() -> plane(new double[][] {{1, 2}, {Double.NaN, 0}}))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("after layer 1 are not finite");
  }

  /// Without what a layer adds, the stream stays that of the embeddings: tokens that are the same
  /// lie at the same place, after every kind of layer.
  @Test
  void statesAreThoseAfterTheLayer() {
    ModelSpec spec = Architectures.spec("llama", TinyDecoder.VOCABULARY, 12, 10);
    Map<String, Tensor> weights = TinyDecoder.weights(spec, ScalarType.Float, 3);
    for (String last : List.of("self_attn.o_proj.weight", "mlp.down_proj.weight")) {
      Objects.requireNonNull(weights.get("model.layers.0." + last)).fill_(new Scalar(0.0));
    }
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
    InferenceModel inference =
        new InferenceModel(
            Decoder.torch(spec, Weights.dense(spec, weights, null)), plans, new TorchAttention());
    int[] ids = {3, 7, 3, 9, 7, 3};
    List<LayerDiagnosis> found =
        TextDiagnosis.of(
            inference,
            ids,
            _ -> true,
            Set.of(LayerDiagnosis.Part.PCA),
            new AttentionSummary.Zones(0, 1, 1));
    HiddenStatePca first = Objects.requireNonNull(found.getFirst().states());
    HiddenStatePca second = Objects.requireNonNull(found.getLast().states());

    Tensor embedding = Objects.requireNonNull(weights.get("model.embed_tokens.weight"));
    Tensor rows =
        embedding.index_select(0, Tensor.create(Arrays.stream(ids).asLongStream().toArray()));
    assertThat(first).isEqualTo(HiddenStatePca.of(0, rows));
    assertThat(first.points().get(0).x()).isCloseTo(first.points().get(2).x(), CLOSE);
    assertThat(Math.abs(second.points().get(0).x() - second.points().get(2).x()))
        .as("the second layer tells the same tokens at other positions apart")
        .isGreaterThan(1e-3);
    assertThat(found).allSatisfy(layer -> assertThat(layer.attention()).isNull());
  }

  @Test
  void layersThatDoNotAttendHaveStates() {
    ModelSpec spec = Architectures.spec("lru", TinyDecoder.VOCABULARY, 12, 10);
    InferenceModel inference =
        new InferenceModel(
            TinyDecoder.random(spec, 2),
            new PlanFunction(spec.shape(), spec.declared(), spec.declared()),
            new TorchAttention());
    List<LayerDiagnosis> found =
        TextDiagnosis.of(
            inference,
            TinyDecoder.ids(9, 1),
            _ -> true,
            Set.of(LayerDiagnosis.Part.PCA, LayerDiagnosis.Part.DECAY),
            new AttentionSummary.Zones(0, 1, 1));
    assertThat(found)
        .hasSize(spec.shape().layers())
        .allSatisfy(
            layer -> {
              assertThat(layer.decay()).isEmpty();
              assertThat(Objects.requireNonNull(layer.states()).points()).hasSize(9);
            });
  }
}
