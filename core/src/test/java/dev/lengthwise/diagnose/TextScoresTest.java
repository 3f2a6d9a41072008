package dev.lengthwise.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.TorchAttention;
import dev.lengthwise.generate.Runner;
import dev.lengthwise.generate.TinyDecoder;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.NamedWeights;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.RotaryTable;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextScoresTest {

  private static final int TOKENS = 17;
  private static final Offset<Double> CLOSE = Offset.offset(1e-6);

  private final PointerScope scope = new PointerScope();

  @AfterEach
  void end() {
    scope.close();
  }

  private static List<ScoreTerms> terms(ModelSpec spec, Map<String, Tensor> weights) {
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
    Decoder decoder = new Decoder(spec, new NamedWeights(spec, weights));
    return TextScores.of(
        new Runner(decoder, plans, new TorchAttention()), TinyDecoder.ids(TOKENS, 5));
  }

  private static Tensor found(Map<String, Tensor> weights, String name) {
    return Objects.requireNonNull(weights.get(name));
  }

  private static float[] values(Tensor tensor) {
    float[] values = new float[(int) tensor.numel()];
    FloatBuffer buffer = tensor.contiguous().createBuffer();
    buffer.get(values);
    return values;
  }

  /// The last term follows from the weights alone, whatever the text: this is kexue.fm 9577's
  /// formula on the tensors of the checkpoint.
  @ParameterizedTest
  @CsvSource({
    "biased, self_attn.q_proj.bias, self_attn.k_proj.bias",
    "gau, gau.query.offset, gau.key.offset"
  })
  void termOfBothBiasesIsThatOfTheWeights(String architecture, String query, String key) {
    ModelSpec spec = Architectures.spec(architecture, TinyDecoder.VOCABULARY, 12, 10);
    Map<String, Tensor> weights = TinyDecoder.weights(spec, ScalarType.Float, 3);
    int heads = spec.shape().heads();
    int group = heads / spec.shape().keyValueHeads();
    int size = spec.shape().headSize();
    int layers = spec.shape().layers();
    List<ScoreTerms> all = terms(spec, weights);
    assertThat(all).hasSize(layers * TOKENS);
    for (ScoreTerms term : all) {
      String prefix = "model.layers." + term.layer() + ".";
      float[] a = values(found(weights, prefix + query));
      float[] b = values(found(weights, prefix + key));
      RotaryTable rotary = spec.shape().plainRotary();
      double sum = 0;
      for (int head = 0; head < heads; head++) {
        for (int pair = 0; pair < size / 2; pair++) {
          int at = head * size + pair;
          int keyAt = head / group * size + pair;
          double angle = term.distance() * rotary.frequency(pair);
          double same = a[at] * b[keyAt] + a[at + size / 2] * b[keyAt + size / 2];
          double crossed = a[at] * b[keyAt + size / 2] - a[at + size / 2] * b[keyAt];
          sum += same * Math.cos(angle) + crossed * Math.sin(angle);
        }
      }
      assertThat(term.bothBiases())
          .as(term.toString())
          .isCloseTo(sum / heads / Math.sqrt(size), CLOSE);
      assertThat(term.content()).isNotZero();
      assertThat(term.queryBias()).isNotZero();
      assertThat(term.keyBias()).isNotZero();
    }
  }

  @Test
  void withoutBiasesThereIsContentOnly() {
    ModelSpec spec = Architectures.spec("llama", TinyDecoder.VOCABULARY, 12, 10);
    for (ScoreTerms term : terms(spec, TinyDecoder.weights(spec, ScalarType.Float, 3))) {
      assertThat(term.content()).isNotZero();
      assertThat(term.total()).isEqualTo(term.content());
    }
  }
}
