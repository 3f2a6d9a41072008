package dev.lengthwise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.generate.TinyDecoder;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreScale;
import java.util.ArrayList;
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

  /// What the unit asks of attention, and what it makes of the answer.
  private Tensor unit(LayerAttention attention) {
    Weights weights = Weights.dense(SPEC, tensors, null);
    Mixer.GatedUnit mixer = (Mixer.GatedUnit) SPEC.layers().getFirst().mixer();
    Operations.Pass pass = new TorchOperations(weights).start(1, stream.size(1));
    Block.Branch branch =
        new GatedAttentionUnit(0, mixer, weights)
            .mix(pass, Rows.of(stream), BoundNorm.NONE, attention);
    return ((Projection.Dense) Objects.requireNonNull(branch.last())).apply(branch.rows().tensor());
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
    assertEqual(unit((_, _, _, values) -> values), output(part(0, INNER).mul(part(INNER, INNER))));
  }

  /// The root of swish(x) = 1 is 1.2784645…: such rows on a channel that is always 1 open the gate.
  @Test
  void withAnOpenGateItIsAttention() {
    stream.narrow(2, 0, 1).fill_(new Scalar(1.0));
    Tensor gate = tensor(INPUT).narrow(0, 0, INNER);
    gate.zero_();
    gate.narrow(1, 0, 1).fill_(new Scalar(1.278464542761074));
    TorchAttention engine = new TorchAttention();
    AttentionPlan plan = AttentionPlan.plain(RotaryTable.geometric(100, 4));
    List<Tensor> attended = new ArrayList<>();
    Tensor found =
        unit(
            (_, queries, keys, values) -> {
              Tensor answer =
                  engine.attend(
                      plan, new QueryRows(queries, 0), KeyValueRows.fromStart(keys, values));
              attended.add(answer);
              return answer;
            });
    assertEqual(found, output(attended.getFirst().squeeze(2)));
  }

  @Test
  void queriesAndKeysAreOneVectorScaledAndShiftedByChannel() {
    String layer = "model.layers.0.gau.";
    Tensor shared = part(2 * INNER, 4);
    unit(
        (_, queries, keys, values) -> {
          assertEqual(
              keys.squeeze(2),
              shared.mul(tensor(layer + "key.scale")).add(tensor(layer + "key.offset")));
          assertEqual(
              queries.squeeze(2),
              shared.mul(tensor(layer + "query.scale")).add(tensor(layer + "query.offset")));
          return values;
        });
  }

  /// 24 · (768 · 1536 · 3 + 768 · 128 + 2 · 128) = 87,300,096, and 12,000 rows of the embedding;
  /// the source has two more, of segments: 9,217,536.
  @Test
  void gauAlphaHasItsNumberOfParameters() {
    ModelSpec alpha =
        Architectures.of("gau-alpha")
            .model(
                "lengthwise",
                new Architecture.Sizes(12_000, 768, 1536, 1e-12, true),
                new ModelShape(24, 1, 1, 128, 128, 10_000, 512),
                new Rope());
    List<WeightSpec> all = WeightList.of(alpha);
    long embedding =
        all.stream()
            .filter(tensor -> tensor.role() == WeightRole.EMBEDDING)
            .mapToLong(WeightSpec::elements)
            .sum();
    long total = all.stream().mapToLong(WeightSpec::elements).sum();
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
