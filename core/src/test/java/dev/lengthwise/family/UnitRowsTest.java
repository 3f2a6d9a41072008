package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.Weights;
import dev.lengthwise.torch.ComputeDevice;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The head of Baichuan 2, whose rows are divided by their lengths wherever it is used.
class UnitRowsTest {

  private static final int[] IDS = {1, 125_695, 7, 60_000};
  private static final int STEP = 997;

  @TempDir static Path shared;
  private static Path model;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    model = BaichuanTwo.write(shared.resolve("model"), 32);
  }

  private static float[] numbers(Tensor tensor) {
    float[] values = new float[(int) tensor.numel()];
    tensor.contiguous().<FloatBuffer>createBuffer().get(values);
    return values;
  }

  // Some of all logits: half a million would take the assertions minutes.
  private static float[] logits(LoadedModel loaded) {
    float[] all = Running.logits(loaded, new ReferenceAttention(), IDS);
    float[] some = new float[all.length / STEP];
    for (int n = 0; n < some.length; n++) {
      some[n] = all[n * STEP];
    }
    return some;
  }

  @Test
  void rowsHaveLengthOneAndZerosStay() {
    try (PointerScope _ = new PointerScope()) {
      Tensor rows = Tensor.create(new float[] {3, 4, 0, 0, 5, 12}).view(3, 2);
      assertThat(numbers(Weights.unitRows(rows)))
          .containsExactly(new float[] {0.6f, 0.8f, 0, 0, 5 / 13f, 12 / 13f}, within(1e-7f));
    }
  }

  // Along a row nothing changes, so there is no gradient; across it there is one of 1 / length.
  @Test
  void gradientsFlowThroughTheDivision() {
    try (PointerScope _ = new PointerScope()) {
      Tensor rows = Tensor.create(new float[] {3, 4, 0, 0}).view(2, 2).set_requires_grad(true);
      Tensor factors = Tensor.create(new float[] {1, 2, 0, 0}).view(2, 2);
      Weights.unitRows(rows).mul(factors).sum().backward();
      // (I - u uT) g / |w| with u = (0.6, 0.8), g = (1, 2), |w| = 5; a row of zeros that is not
      // used has none, and no NaN
      assertThat(numbers(rows.grad()))
          .containsExactly(
              new float[] {(1 - 0.6f * 2.2f) / 5, (2 - 0.8f * 2.2f) / 5, 0, 0}, within(1e-6f));
    }
  }

  @Test
  void kernelsAndLibtorchDivideAndTrainingBeginsWithTheRowsOfTheFile() {
    try (LoadedModel mapped = Running.load(model);
        LoadedModel dense =
            ModelLoader.loadDense(
                model, Running.METHODS, Precision.F32, Running.WORKERS, ComputeDevice.CPU);
        TrainableModel trainable = TrainableModel.open(model, Running.METHODS, Running.WORKERS);
        Checkpoint file = Checkpoints.open(model)) {
      assertThat(logits(dense)).containsExactly(logits(mapped), within(1e-5f));
      String head =
          WeightList.of(trainable.spec()).stream()
              .map(weight -> weight.name())
              .filter(name -> name.contains("head"))
              .findFirst()
              .orElseThrow();
      Tensor trained = Objects.requireNonNull(trainable.weights(trainable.spec()).get(head));
      assertThat(numbers(trained)).isEqualTo(file.tensor(BaichuanTwo.HEAD).toFloats());
    }
  }

  // llama.cpp takes the head of a GGUF file as it is.
  @Test
  void exportedHeadHasRowsOfLengthOne() {
    Path out = folder.resolve("out.gguf");
    GgufExportTest.export(model, out, DataType.F32);
    try (Checkpoint written = Checkpoints.open(out);
        LoadedModel before = Running.load(model);
        LoadedModel after = Running.load(out)) {
      float[] row = new float[BaichuanTwo.HIDDEN];
      written.tensor("output.weight").readRow(60_000, row);
      double squares = 0;
      for (float value : row) {
        squares += value * value;
      }
      assertThat(squares).isCloseTo(1, within(1e-6));
      assertThat(logits(after)).containsExactly(logits(before), within(1e-5f));
    }
  }
}
