package dev.lengthwise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.TorchAttention;
import dev.lengthwise.generate.TinyDecoder;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreScale;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What J. Su says of the unit (kexue.fm 8934, 9019, 9052).
class GatedAttentionUnitTest {

  private static final int HIDDEN = 6;
  private static final int INNER = 5;
  private static final ModelSpec SPEC = Architectures.spec("gau", 11, HIDDEN, INNER);
  private static final String INPUT = "model.layers.0.gau.input_proj.weight";

  private final PointerScope scope = new PointerScope();
  private final Map<String, Tensor> tensors = TinyDecoder.weights(SPEC, ScalarType.Double, 2);
  private final Tensor stream = torch.randn(1, 7, HIDDEN).to(ScalarType.Double);

  @AfterEach
  void end() {
    scope.close();
  }

  private Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name));
  }

  private TokenMixing mixing() {
    return GatedAttentionUnit.start(SPEC, new NamedWeights(SPEC, tensors).layer(0), stream);
  }

  private static DecoderOperations.Projections projections(TokenMixing mixing) {
    return (DecoderOperations.Projections) mixing.question();
  }

  private Tensor part(long from, long count) {
    return torch.silu(torch.linear(stream, tensor(INPUT).narrow(0, from, count)));
  }

  private Tensor output(Tensor inner) {
    return torch.linear(inner, tensor("model.layers.0.gau.output_proj.weight"));
  }

  private static void assertEqual(Tensor found, Tensor expected) {
    assertThat(found.sub(expected).abs().max().item_double()).isLessThan(1e-12);
  }

  @Test
  void whereEveryTokenSeesItselfAloneItIsAGatedLinearUnit() {
    TokenMixing mixing = mixing();
    Tensor found = mixing.finish().apply(projections(mixing).values());
    assertEqual(found, output(part(0, INNER).mul(part(INNER, INNER))));
  }

  /// The root of swish(x) = 1 is 1.2784645…: such rows on a channel that is always 1 open the gate.
  @Test
  void withAnOpenGateItIsAttention() {
    stream.narrow(2, 0, 1).fill_(new Scalar(1.0));
    Tensor gate = tensor(INPUT).narrow(0, 0, INNER);
    gate.zero_();
    gate.narrow(1, 0, 1).fill_(new Scalar(1.278464542761074));
    TokenMixing mixing = mixing();
    DecoderOperations.Projections parts = projections(mixing);
    Tensor attended =
        new TorchAttention()
            .attend(
                AttentionPlan.plain(RotaryTable.geometric(100, 4)),
                new QueryRows(parts.queries(), 0),
                KeyValueRows.fromStart(parts.keys(), parts.values()));
    assertEqual(mixing.finish().apply(attended), output(attended.squeeze(2)));
  }

  @Test
  void queriesAndKeysAreOneVectorScaledAndShiftedByChannel() {
    DecoderOperations.Projections parts = projections(mixing());
    String layer = "model.layers.0.gau.";
    Tensor shared = part(2 * INNER, 4);
    assertEqual(
        parts.keys().squeeze(2),
        shared.mul(tensor(layer + "key.scale")).add(tensor(layer + "key.offset")));
    assertEqual(
        parts.queries().squeeze(2),
        shared.mul(tensor(layer + "query.scale")).add(tensor(layer + "query.offset")));
  }

  /// 24 · (768 · 1536 · 3 + 768 · 128 + 2 · 128) = 87,300,096, and 12,000 rows of the embedding;
  /// the source has two more, of segments: 9,217,536.
  @Test
  void gauAlphaHasItsNumberOfParameters() {
    ModelSpec alpha =
        new ModelSpec(
            "lengthwise",
            12_000,
            768,
            1536,
            1e-12,
            new ModelShape(24, 1, 1, 128, 128, 10_000, 512),
            new Rope(),
            Architectures.of("gau-alpha"));
    List<WeightTensor> all = DecoderTensors.of(alpha, true);
    long embedding =
        all.stream()
            .filter(tensor -> tensor.role() == WeightRole.EMBEDDING)
            .mapToLong(WeightTensor::elements)
            .sum();
    long total = all.stream().mapToLong(WeightTensor::elements).sum();
    assertThat(embedding).isEqualTo(9_217_536 - 2 * 768);
    assertThat(total - embedding).isEqualTo(87_300_096);
  }

  /// `softmax_plus` is `log-n:base=512,minimum=4/9`: log₅₁₂ max(n, 16).
  @Test
  void logLengthOfGauAlphaIsOneAt512AndStopsAt16() {
    ScoreScale scale = new ScoreScale.LogLength(512, 4.0 / 9);
    assertThat(scale.at(511)).isCloseTo(1, Offset.offset(1e-15));
    assertThat(scale.at(15)).isCloseTo(4.0 / 9, Offset.offset(1e-15));
    assertThat(scale.at(3)).isEqualTo(4.0 / 9);
    assertThat(scale.at(63)).isCloseTo(2.0 / 3, Offset.offset(1e-15));
  }
}
