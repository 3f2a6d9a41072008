package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.WindowBatch;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Layers that are computed again give the gradients of layers that were kept, to the rounding of
/// sums in f32 (2⁻²⁴ each).
class GradientCheckpointingTest {

  private static final double TOLERANCE = 1e-5;

  static List<Arguments> models() {
    Architecture llama = Architecture.LLAMA;
    return List.of(
        Arguments.of(llama, "rope"),
        Arguments.of(llama, "kerple:kind=log"),
        Arguments.of(llama, "random-positions:max=50"),
        Arguments.of(of(Architecture.Placement.POST, Architecture.Block.GAU), "rope"),
        Arguments.of(of(Architecture.Placement.PARALLEL, Architecture.Block.ATTENTION), "rope"),
        Arguments.of(of(Architecture.Placement.PRE, Architecture.Block.LRU), "nope"));
  }

  private static Architecture of(Architecture.Placement placement, Architecture.Block block) {
    Architecture llama = Architecture.LLAMA;
    return new Architecture(llama.norm(), placement, llama.feedForward(), false, List.of(block));
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradientsAreTheSame(Architecture architecture, String name) {
    TrainConfig config = TinyTraining.with(TinyTraining.config(1, 1), architecture);
    PositionMethod method = new MethodParser(config.shape(), new Rope()).parse(name);
    ModelSpec spec = ModelExport.specOf(config, method);
    WindowBatch windows =
        WindowBatch.of(new SplittableRandom(2).longs(2 * 17, 0, 300).toArray(), 2);
    try (PointerScope _ = new PointerScope();
        Parameters parameters =
            Parameters.random(spec, Initialisation.NORMAL, 1, ComputeDevice.CPU)) {
      TrainedModel.Pass kept = pass(spec, parameters, method, windows, false);
      TrainedModel.Pass recomputed = pass(spec, parameters, method, windows, true);

      assertThat(recomputed.loss()).isCloseTo(kept.loss(), Offset.offset(TOLERANCE));
      for (long weight = 0; weight < kept.gradients().size(); weight++) {
        Tensor expected = kept.gradients().get(weight);
        Tensor difference = recomputed.gradients().get(weight).sub(expected);
        assertThat(difference.norm().item_double())
            .isLessThanOrEqualTo(TOLERANCE * expected.norm().item_double());
      }
      kept.gradients().releaseReference();
      recomputed.gradients().releaseReference();
    }
  }

  private static TrainedModel.Pass pass(
      ModelSpec spec,
      Parameters parameters,
      PositionMethod method,
      WindowBatch windows,
      boolean recomputes) {
    return new TrainedModel(spec, parameters, method, ScalarType.Float, recomputes)
        .pass(windows, new long[] {5, 6}, 0.5, new TorchAttention());
  }
}
