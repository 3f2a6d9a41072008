package dev.lengthwise.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.TinyDecoder;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Nope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextAttentionTest {

  private static final int TOKENS = 17;
  private static final Offset<Double> CLOSE = Offset.offset(1e-6);

  private final PointerScope scope = new PointerScope();

  @AfterEach
  void end() {
    scope.close();
  }

  private static List<ScoreTerms> terms(ModelSpec spec, Map<String, Tensor> weights) {
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
    Decoder decoder = Decoder.torch(spec, Weights.dense(spec, weights, null));
    return TextAttention.terms(
        new InferenceModel(decoder, plans, new TorchAttention()), TinyDecoder.ids(TOKENS, 5));
  }

  private static List<AttentionSummary> summaries(
      InferenceModel inference, int[] ids, IntPredicate layers, AttentionSummary.Zones zones) {
    return TextDiagnosis.of(inference, ids, layers, Set.of(LayerDiagnosis.Part.ATTENTION), zones)
        .stream()
        .map(layer -> Objects.requireNonNull(layer.attention()))
        .toList();
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

  /// Every number again from the specification, pair by pair: an ALiBi model under Λ-attention, so
  /// that scores have a bias and some pairs are not seen.
  @Test
  void summaryIsThatOfTheReferenceScores() {
    ModelShape shape = new ModelShape(2, 4, 2, 4, 0, 1, 6);
    PositionMethod alibi = new MethodParser(shape, new Nope()).parse("alibi");
    PositionMethod limited = new MethodParser(shape, alibi).parse("lm-infinite:local=6,global=2");
    ModelSpec spec =
        Architecture.LLAMA.model(
            "tiny",
            new Architecture.Sizes(TinyDecoder.VOCABULARY, 12, 10, 1e-5, true),
            shape,
            alibi);
    Decoder decoder = TinyDecoder.random(spec, 4);
    InferenceModel inference =
        new InferenceModel(decoder, new PlanFunction(shape, alibi, limited), new TorchAttention());
    int[] ids = TinyDecoder.ids(TOKENS, 5);
    AttentionSummary.Zones zones = new AttentionSummary.Zones(2, 3, 6);

    List<AttentionSummary> found = summaries(inference, ids, layer -> layer == 1, zones);

    assertThat(found).singleElement().extracting(AttentionSummary::layer).isEqualTo(1);
    double[][][] scores = referenceScores(inference, ids, 1);
    AttentionSummary summary = found.getFirst();
    assertThat(summary.terms()).isEmpty();
    assertThat(summary.positions()).hasSize(TOKENS);
    for (AttentionSummary.AtDistance at : summary.distances()) {
      double[] own =
          IntStream.range(0, 4)
              .boxed()
              .flatMapToDouble(
                  head ->
                      IntStream.range(at.distance(), TOKENS)
                          .mapToDouble(query -> scores[head][query][query - at.distance()]))
              .filter(score -> score != Double.NEGATIVE_INFINITY)
              .toArray();
      assertThat(at.pairs()).isEqualTo(own.length);
      assertThat(at.mean()).isCloseTo(Arrays.stream(own).average().orElseThrow(), CLOSE);
      assertThat(at.greatest()).isCloseTo(Arrays.stream(own).max().orElseThrow(), CLOSE);
    }
    assertThat(summary.distances()).extracting(AttentionSummary.AtDistance::distance).contains(16);
    for (AttentionSummary.AtPosition at : summary.positions()) {
      double[] expected = expected(scores, at.position() - 1, zones);
      assertThat(at.entropy()).isCloseTo(expected[0], CLOSE);
      assertThat(at.first()).isCloseTo(expected[1], CLOSE);
      assertThat(at.recent()).isCloseTo(expected[2], CLOSE);
      assertThat(at.beyond()).isZero().isEqualTo(expected[3]);
    }
  }

  // [head][query][key], −∞ where a pair is not seen.
  private static double[][][] referenceScores(InferenceModel inference, int[] ids, int wanted) {
    double[][][] scores = new double[4][TOKENS][TOKENS];
    TorchAttention attention = new TorchAttention();
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    inference
        .decoder()
        .hidden(
            Tensor.create(wide).view(1, TOKENS),
            (layer, queries, keys, values) -> {
              AttentionPlan plan = inference.plan(layer, TOKENS);
              for (int head = 0; layer == wanted && head < 4; head++) {
                float[] query = values(queries.select(2, head));
                float[] key = values(keys.select(2, head / 2));
                for (int i = 0; i < TOKENS; i++) {
                  for (int j = 0; j < TOKENS; j++) {
                    Double score =
                        ReferenceAttention.score(
                            plan, head, vector(query, i), i, vector(key, j), j);
                    scores[head][i][j] = score == null ? Double.NEGATIVE_INFINITY : score;
                  }
                }
              }
              return attention.attend(
                  plan, new QueryRows(queries, 0), KeyValueRows.fromStart(keys, values));
            });
    return scores;
  }

  private static double[] vector(float[] rows, int row) {
    return IntStream.range(4 * row, 4 * row + 4).mapToDouble(at -> rows[at]).toArray();
  }

  // Entropy and shares of one query, means over heads.
  private static double[] expected(double[][][] scores, int query, AttentionSummary.Zones zones) {
    double[] all = new double[4];
    for (double[][] head : scores) {
      double total = Arrays.stream(head[query]).map(Math::exp).sum();
      for (int key = 0; key <= query; key++) {
        double share = Math.exp(head[query][key]) / total;
        all[0] -= share == 0 ? 0 : share * Math.log(share) / scores.length;
        int zone =
            key < zones.first() ? 1 : query - key < zones.recent() ? 2 : query - key >= 6 ? 3 : 0;
        if (zone > 0) {
          all[zone] += share / scores.length;
        }
      }
    }
    return all;
  }

  /// Without any content, weights are equal: entropy is the logarithm of the number of keys.
  @Test
  void equalWeightsHaveTheEntropyOfTheirNumberAndSharesOfTheirCounts() {
    ModelSpec spec = Architectures.spec("gau-squared-relu", TinyDecoder.VOCABULARY, 12, 10);
    Map<String, Tensor> weights = TinyDecoder.weights(spec, ScalarType.Float, 3);
    for (int layer = 0; layer < 2; layer++) {
      String prefix = "model.layers." + layer + ".gau.";
      found(weights, prefix + "query.scale").fill_(new Scalar(0.0));
    }
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
    Decoder none = Decoder.torch(spec, Weights.dense(spec, weights, null));
    AttentionSummary.Zones zones = new AttentionSummary.Zones(2, 4, 16);
    InferenceModel inference = new InferenceModel(none, plans, new TorchAttention());
    AttentionSummary nothing =
        summaries(inference, TinyDecoder.ids(TOKENS, 5), _ -> true, zones).getFirst();
    assertThat(nothing.positions())
        .as("squared relu of scores of 0 gives no weight")
        .allSatisfy(at -> assertThat(at.entropy() + at.first() + at.recent()).isZero());

    ModelSpec softmax = Architectures.spec("gau-alpha", TinyDecoder.VOCABULARY, 12, 10);
    Map<String, Tensor> other = TinyDecoder.weights(softmax, ScalarType.Float, 3);
    for (int layer = 0; layer < 2; layer++) {
      found(other, "model.layers." + layer + ".gau.query.scale").fill_(new Scalar(0.0));
    }
    InferenceModel equal =
        new InferenceModel(
            Decoder.torch(softmax, Weights.dense(softmax, other, null)),
            plans,
            new TorchAttention());
    AttentionSummary summary =
        summaries(equal, TinyDecoder.ids(TOKENS, 5), _ -> true, zones).getLast();
    AttentionSummary.AtPosition last = summary.positions().getLast();
    assertThat(last.entropy()).isCloseTo(Math.log(TOKENS), CLOSE);
    assertThat(last.first()).isCloseTo(2.0 / TOKENS, CLOSE);
    assertThat(last.recent()).isCloseTo(4.0 / TOKENS, CLOSE);
    assertThat(last.beyond()).isZero(); // key 0 is past 16, and one of the first
  }

  @Test
  void bucketsKeepPairsAndStandAtTheirLastPlace() {
    List<AttentionSummary.AtDistance> distances =
        IntStream.range(0, 8)
            .mapToObj(at -> new AttentionSummary.AtDistance(at, at, -at, 8 - at))
            .toList();
    AttentionSummary summary = new AttentionSummary(0, distances, List.of(), List.of()).inBuckets();
    assertThat(summary.distances())
        .extracting(AttentionSummary.AtDistance::distance)
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    List<AttentionSummary.AtDistance> far =
        List.of(
            new AttentionSummary.AtDistance(16, 1, 5, 3),
            new AttentionSummary.AtDistance(19, 2, 4, 1));
    assertThat(new AttentionSummary(0, far, List.of(), List.of()).inBuckets().distances())
        .containsExactly(new AttentionSummary.AtDistance(19, 1.25, 5, 4));
    List<AttentionSummary.AtPosition> positions =
        IntStream.rangeClosed(1, 64)
            .mapToObj(at -> new AttentionSummary.AtPosition(at, at, 0, 0, 0))
            .toList();
    assertThat(new AttentionSummary(0, List.of(), positions, List.of()).inBuckets().positions())
        .last()
        .as("the last bucket of a text of 2^n tokens ends with it and is not one token alone")
        .isEqualTo(new AttentionSummary.AtPosition(64, 59.5, 0, 0, 0));
  }
}
