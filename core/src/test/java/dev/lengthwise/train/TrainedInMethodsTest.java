package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.WindowBatch;
import dev.lengthwise.train.distributed.SingleProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Methods that a model is trained with: each learns, and those that train otherwise than they run
/// do both.
class TrainedInMethodsTest {

  @TempDir static Path shared;
  private static Path data;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() {
    data = TinyTraining.data(shared);
  }

  private static PositionMethod method(String text) {
    return new MethodParser(TinyTraining.config(1, 1).shape(), TinyTraining.ROPE).parse(text);
  }

  private static byte[] weights(Path run, int step) throws IOException {
    return Files.readAllBytes(run.resolve("checkpoints/%08d/model.safetensors".formatted(step)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key-norm",
        "query-norm",
        "cosine",
        "coca",
        "coca:variant=slack",
        "xpos",
        "inverse-leaky:window=4,factor=4",
        "hwfa:window=4",
        "hwfa2:window=4,rerope=8",
        "random-positions:max=64",
        "random-positions:kind=exponential",
        "rope+log-n:minimum=0"
      })
  void lossFalls(String text) throws IOException {
    Trainer.run(
        TinyTraining.config(40, 1), method(text), data, folder, 40, SingleProcess.CPU, _ -> {});

    List<String> lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
    JsonNode last = new ObjectMapper().readTree(lines.getLast());
    assertThat(new ObjectMapper().readTree(lines.getFirst()).get("loss").asDouble())
        .isBetween(5.0, 6.5);
    assertThat(last.get("loss").asDouble()).isLessThan(4.2);
    assertThat(last.get("validationLoss").asDouble()).isLessThan(4.2);
  }

  @Test
  void drawnPositionsDependOnSeedStepAndWindowOnly() throws IOException {
    PositionMethod method = method("random-positions:max=64");
    Trainer.run(
        TinyTraining.config(4, 1),
        method,
        data,
        folder.resolve("once"),
        4,
        SingleProcess.CPU,
        _ -> {});
    Trainer.run(
        TinyTraining.config(4, 2),
        method,
        data,
        folder.resolve("twice"),
        2,
        SingleProcess.CPU,
        _ -> {});
    Trainer.run(
        TinyTraining.config(4, 2),
        method,
        data,
        folder.resolve("twice"),
        4,
        SingleProcess.CPU,
        _ -> {});

    assertThat(weights(folder.resolve("twice"), 4)).isEqualTo(weights(folder.resolve("once"), 4));
    TrainConfig config = TinyTraining.config(4, 1);
    long[] first = TrainingPlans.seeds(config, 1, 0);
    assertThat(first).hasSize(2).doesNotHaveDuplicates();
    assertThat(TrainingPlans.seeds(config, 1, 1)).doesNotContain(first);
    assertThat(TrainingPlans.seeds(config, 2, 0)).doesNotContain(first);
  }

  /// Training sees other positions than validation, and each window its own.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "random-positions:max=1000",
        "inverse-leaky:window=2,factor=16",
        "hwfa2:window=16,rerope=2"
      })
  void trainingPlansAreNotThoseOfTheMethod(String text) {
    TrainConfig config = TinyTraining.config(1, 1);
    try (Parameters parameters =
            Parameters.random(
                ModelExport.specOf(config, TinyTraining.ROPE),
                Initialisation.GAU_ALPHA,
                3,
                ComputeDevice.CPU);
        PointerScope _ = new PointerScope()) {
      TrainedModel model =
          new TrainedModel(
              ModelExport.specOf(config, TinyTraining.ROPE),
              parameters,
              method(text),
              ScalarType.Float,
              false);
      long[] ids = new long[2 * 17];
      Arrays.setAll(ids, index -> (index * 37L) % 300);
      WindowBatch batch = WindowBatch.of(ids, 2);
      double running = model.evaluate(batch, new TorchAttention());
      double trained = loss(model, batch, 1, 2);
      assertThat(trained).isNotEqualTo(running);
      assertThat(loss(model, batch, 1, 2)).isEqualTo(trained);
      assertThat(loss(model, batch, 1, 3) != trained).isEqualTo(text.startsWith("random"));
    }
  }

  private static double loss(TrainedModel model, WindowBatch batch, long... seeds) {
    TrainedModel.Pass pass = model.pass(batch, seeds, 1, new TorchAttention());
    pass.gradients().releaseReference();
    return pass.loss();
  }
}
