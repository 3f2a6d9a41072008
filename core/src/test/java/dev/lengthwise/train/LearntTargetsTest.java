package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TokenizerChoice;
import dev.lengthwise.train.data.WindowBatch;
import dev.lengthwise.train.data.Windows;
import dev.lengthwise.train.distributed.SingleProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Places that are no targets take no part in the loss.
class LearntTargetsTest {

  private static final int LENGTH = 16;

  @TempDir Path folder;

  private static WindowBatch batch() {
    long[] ids = new long[2 * (LENGTH + 1)];
    Arrays.setAll(ids, index -> (index * 37L) % 300);
    return WindowBatch.of(ids, 2);
  }

  /// `batch` without the targets from `from` on to before `until`, in each window.
  private static WindowBatch without(WindowBatch batch, int from, int until) {
    long[] targets = batch.targets().clone();
    for (int row = 0; row < 2; row++) {
      Arrays.fill(targets, row * LENGTH + from, row * LENGTH + until, WindowBatch.IGNORED);
    }
    return new WindowBatch(batch.inputs(), targets, 2);
  }

  @Test
  void lossesOfDisjointTargetsAddUpToTheWhole() {
    ModelSpec spec = ModelExport.specOf(TinyTraining.config(1, 1), TinyTraining.ROPE);
    try (Parameters parameters =
        Parameters.random(spec, Initialisation.GPT2, 3, ComputeDevice.CPU)) {
      TrainedModel model =
          new TrainedModel(spec, parameters, TinyTraining.ROPE, ScalarType.Float, false);
      TorchAttention attention = new TorchAttention();
      double whole = model.evaluate(batch(), attention);
      double begins = model.evaluate(without(batch(), 5, LENGTH), attention);
      double ends = model.evaluate(without(batch(), 0, 5), attention);

      assertThat(without(batch(), 0, 5).scored()).isEqualTo(2 * 11);
      assertThat(begins + ends).isCloseTo(whole, within(1e-4));
      assertThat(begins).isBetween(0.2 * whole, 0.4 * whole); // 5 of 16
      assertThat(model.evaluate(without(batch(), 0, LENGTH), attention)).isZero();
    }
  }

  /// What fills up a window behind its last target may be anything.
  @Test
  void fillingChangesNeitherLossNorGradient() {
    ModelSpec spec = ModelExport.specOf(TinyTraining.config(1, 1), TinyTraining.ROPE);
    WindowBatch one = without(batch(), 6, LENGTH);
    long[] inputs = one.inputs().clone();
    for (int row = 0; row < 2; row++) {
      Arrays.fill(inputs, row * LENGTH + 6, row * LENGTH + LENGTH, 299);
    }
    WindowBatch other = new WindowBatch(inputs, one.targets(), 2);
    try (Parameters parameters =
            Parameters.random(spec, Initialisation.GPT2, 3, ComputeDevice.CPU);
        PointerScope _ = new PointerScope()) {
      TrainedModel model =
          new TrainedModel(spec, parameters, TinyTraining.ROPE, ScalarType.Float, false);
      TrainedModel.Pass left =
          model.pass(one, new long[one.sequences()], 0.5, new TorchAttention());
      TrainedModel.Pass right =
          model.pass(other, new long[other.sequences()], 0.5, new TorchAttention());

      assertThat(right.loss()).isEqualTo(left.loss()).isPositive();
      for (int index = 0; index < left.gradients().size(); index++) {
        Tensor difference = left.gradients().get(index).sub(right.gradients().get(index));
        assertThat(difference.abs().max().item_double()).isLessThan(1e-6);
      }
      left.gradients().releaseReference();
      right.gradients().releaseReference();
    }
  }

  /// The easiest probe, from its own characters to its exact score: `a=` is answered by `a`.
  @Test
  void aProbeIsLearntFromItsAnswersAndScoredExactly() throws IOException {
    GeneratedTexts texts = new GeneratedTexts("reverse", 1, 1, 5);
    DataSource source = new DataSource.Generated(texts, 50);
    Path data = folder.resolve("data");
    new DataPreparation(
            new TokenizerChoice.Characters(),
            Map.of("training", List.of(source), "validation", List.of(source)))
        .writeTo(data, _ -> {});
    DataMix mix =
        new DataMix(
            List.of(new DataMix.Share("training", Windows.WITHIN_DOCUMENTS, 1)),
            new DataMix.HeldOut("validation", Windows.WITHIN_DOCUMENTS),
            List.of(texts, new GeneratedTexts("reverse", 40, 40, 5)));
    Path run = folder.resolve("run");
    Trainer.run(
        TinyTraining.with(TinyTraining.config(600, 1), mix),
        TinyTraining.ROPE,
        data,
        run,
        SingleProcess.CPU,
        _ -> {});

    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    JsonNode last = new ObjectMapper().readTree(lines.getLast());
    assertThat(last.get("loss").asDouble()).isLessThan(0.6);
    assertThat(last.get("validationLoss").asDouble()).isLessThan(0.6);
    assertThat(last.get("answers").get("reverse:1").get("exact").asDouble()).isEqualTo(1);
    assertThat(last.get("answers").get("reverse:1").get("questions").asInt()).isEqualTo(40);
    assertThat(last.get("answers").has("reverse:40")).isFalse(); // longer than the trained length
    assertThat(new ObjectMapper().readTree(lines.getFirst()).has("answers")).isFalse();
  }
}
