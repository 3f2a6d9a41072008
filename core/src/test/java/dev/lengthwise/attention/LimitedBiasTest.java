package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.method.Alibi;
import dev.lengthwise.method.Positions;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// LM-Infinite on a model with a linear bias of three heads and `alibi_bias_max` 16, as MPT has:
/// the bias is that of `min(i − j, local)`.
class LimitedBiasTest {

  private static final int LOCAL = 20;
  private static final int GLOBAL = 5;

  // MPT: 2^(−16/4·m) for m = 2, 4, 1; here times 1/√9, as in the first Falcon models.
  private static final double[] SLOPES = {1.0 / 256 / 3, 1.0 / 65536 / 3, 1.0 / 16 / 3};

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 19, 20, 21, 25, 63, 64, 65, 131})
  void everyEngineHasTheFormula(int length) {
    ModelShape shape = new ModelShape(1, 3, 3, 9, 0, 0, 64);
    AttentionPlan plan =
        new PlanFunction(shape, new Alibi(16, 1.0 / 3), Positions.lmInfinite(LOCAL, GLOBAL))
            .plan(0, length);
    try (PointerScope _ = new PointerScope();
        Workers workers = new Workers(1)) {
      torch.manual_seed(length);
      Tensor queries = torch.randn(2, length, 3, 9);
      Tensor keys = torch.randn(2, length, 3, 9);
      Tensor values = torch.randn(2, length, 3, 9);
      Tensor expected = formula(queries, keys, values);
      for (Attention engine :
          List.of(new ReferenceAttention(), new TorchAttention(), new VectorAttention(workers))) {
        Tensor found =
            engine.attend(plan, new QueryRows(queries, 0), KeyValueRows.fromStart(keys, values));
        assertThat(found.sub(expected).abs().max().item_double())
            .as(engine.getClass().getSimpleName())
            .isLessThan(3e-6);
      }
    }
  }

  private static Tensor formula(Tensor queries, Tensor keys, Tensor values) {
    int length = (int) queries.size(1);
    double[] biases = new double[3 * length * length];
    for (int head = 0; head < 3; head++) {
      for (int i = 0; i < length; i++) {
        for (int j = 0; j < length; j++) {
          boolean seen = j <= i && (i - j < LOCAL || j < GLOBAL);
          biases[(head * length + i) * length + j] =
              seen ? -SLOPES[head] * Math.min(i - j, LOCAL) : Double.NEGATIVE_INFINITY;
        }
      }
    }
    Tensor scores =
        queries
            .to(ScalarType.Double)
            .transpose(1, 2)
            .matmul(keys.to(ScalarType.Double).permute(0, 2, 3, 1))
            .div(new Scalar(3.0))
            .add(Tensor.create(biases, 3, length, length));
    return torch
        .softmax(scores, -1)
        .matmul(values.to(ScalarType.Double).transpose(1, 2))
        .transpose(1, 2);
  }
}
