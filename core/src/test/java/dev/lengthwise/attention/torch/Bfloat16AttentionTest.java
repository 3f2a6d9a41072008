package dev.lengthwise.attention.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Attention with products in bf16 beside f32 on the same numbers. Products, scores and weights are
/// each rounded to 8 bits, so results may differ by some 2⁻⁸ of their norm; 2⁻⁶ is allowed.
class Bfloat16AttentionTest {

  private static final double TOLERANCE = 1.0 / 64;

  // Below and above the length from which on the fused attention runs.
  @ParameterizedTest
  @ValueSource(ints = {1, 37, 256, 600})
  void plainAttentionAgreesWithSinglePrecision(int length) {
    assertAgrees(plan(List.of(Branch.PLAIN), ScoreBias.NONE), length);
  }

  @ParameterizedTest
  @ValueSource(ints = {37, 600})
  void windowWithBiasAgreesWithSinglePrecision(int length) {
    assertAgrees(
        plan(
            List.of(Branch.identity(Region.within(Bounds.below(20)))),
            ScoreBias.Linear.geometric(4, 8, 1)),
        length);
  }

  private static AttentionPlan plan(List<Branch> branches, ScoreBias bias) {
    return new AttentionPlan(
        RotaryTable.geometric(100, 16), branches, ScoreScale.ONE, bias, QueryKeyMap.IDENTITY);
  }

  private static void assertAgrees(AttentionPlan plan, int length) {
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(3);
      Tensor[] half = {rows(length, 4), rows(length, 2), rows(length, 2)};
      Tensor[] single = new Tensor[half.length];
      for (int part = 0; part < half.length; part++) {
        half[part].set_requires_grad(true);
        single[part] = half[part].detach().to(ScalarType.Float);
        single[part].set_requires_grad(true);
      }
      Tensor expected = attend(plan, single);
      Tensor actual = attend(plan, half);
      assertThat(actual.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      assertClose(expected, actual);

      Tensor weight = torch.randn(expected.shape());
      TensorVector expectedGradients = gradients(expected, weight, single);
      TensorVector gradients = gradients(actual, weight, half);
      // With one token weights are 1 whatever queries and keys are: rounding is all there is.
      for (int part = length == 1 ? 2 : 0; part < half.length; part++) {
        assertClose(expectedGradients.get(part), gradients.get(part));
      }
    }
  }

  private static Tensor rows(int length, int heads) {
    return torch.randn(new long[] {2, length, heads, 16}).to(ScalarType.BFloat16).detach();
  }

  private static Tensor attend(AttentionPlan plan, Tensor[] rows) {
    return new TorchAttention()
        .attend(plan, new QueryRows(rows[0], 0), KeyValueRows.fromStart(rows[1], rows[2]));
  }

  private static TensorVector gradients(Tensor result, Tensor weight, Tensor[] rows) {
    return torch.grad(
        new TensorVector(result.to(ScalarType.Float).mul(weight).sum()), new TensorVector(rows));
  }

  private static void assertClose(Tensor expected, Tensor actual) {
    Tensor difference = actual.to(ScalarType.Float).sub(expected);
    assertThat(difference.norm().item_double())
        .isLessThan(TOLERANCE * expected.norm().item_double());
  }
}
