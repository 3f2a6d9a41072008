package dev.lengthwise.train.optimise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.model.WeightRole;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {

  private static final String MATRIX = "model.layers.0.self_attn.q_proj.weight";
  private static final String OTHER = "model.layers.0.self_attn.k_proj.weight";
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String GAIN = "model.norm.weight";
  private static final String BIAS = "model.layers.0.self_attn.q_proj.bias";
  private static final OptimizerSettings.Tiger TIGER = new OptimizerSettings.Tiger(0.965, 0.01, 3);
  private static final OptimizerSettings.AdamW ADAM =
      new OptimizerSettings.AdamW(0.1, 0.9, 0.95, 1e-12, 1e9);

  private final PointerScope scope = new PointerScope();

  @TempDir Path folder;

  @AfterEach
  void free() {
    scope.close();
  }

  static Stream<OptimizerSettings> everyOptimizer() {
    return Stream.of(ADAM, TIGER);
  }

  private static Optimizer optimizer(OptimizerSettings settings, Map<String, Tensor> weights) {
    return Optimizer.of(
        settings,
        weights,
        Map.of(
            MATRIX, WeightRole.MATRIX,
            OTHER, WeightRole.MATRIX,
            EMBEDDING, WeightRole.EMBEDDING,
            GAIN, WeightRole.GAIN,
            BIAS, WeightRole.BIAS));
  }

  private static Tensor matrix(int rows, float... values) {
    return Tensor.create(values, rows, values.length / rows);
  }

  private static float[] values(@Nullable Tensor given) {
    Tensor tensor = Objects.requireNonNull(given);
    float[] values = new float[(int) tensor.numel()];
    tensor.contiguous().data_ptr_float().get(values);
    return values;
  }

  private static void step(Optimizer optimizer, double rate, Tensor... gradients) {
    optimizer.add(new TensorVector(gradients));
    optimizer.step(rate);
  }

  /// Weights of every role.
  private static Map<String, Tensor> weights() {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    weights.put(EMBEDDING, matrix(2, 3, 4, 0.3f, 0.4f));
    weights.put(MATRIX, matrix(2, 1, 7, 5, 5));
    weights.put(BIAS, Tensor.create(new float[] {0, 2}));
    weights.put(GAIN, Tensor.create(new float[] {1, 2}));
    return weights;
  }

  private static Tensor[] gradients(Random random) {
    return weights().values().stream()
        .map(weight -> Tensor.create(normal(random, (int) weight.numel()), weight.shape()))
        .toArray(Tensor[]::new);
  }

  private static float[] normal(Random random, int count) {
    float[] values = new float[count];
    for (int index = 0; index < count; index++) {
      values[index] = (float) random.nextGaussian();
    }
    return values;
  }

  /// Three steps of the rule in double, by hand, from 1 with gradients 0.5, −0.1, −0.3.
  @Test
  void tigerMovesOneNumberAsComputedByHand() {
    Tensor weight = matrix(1, 1);
    double[] expected = {.99899, .9979810302, .9969730895};
    float[] gradients = {.5f, -.1f, -.3f};
    try (Optimizer tiger = optimizer(TIGER, Map.of(MATRIX, weight))) {
      for (int step = 0; step < 3; step++) {
        step(tiger, 1e-3, matrix(1, gradients[step]));
        assertThat(values(weight)[0]).isCloseTo((float) expected[step], Offset.offset(1e-7f));
      }
    }
  }

  @Test
  void tigerScalesTheRateByTheRoleOfAWeight() {
    Map<String, Tensor> weights = weights();
    try (Optimizer tiger = optimizer(TIGER, weights)) {
      Tensor[] ones = weights.values().stream().map(torch::ones_like).toArray(Tensor[]::new);
      step(tiger, 0.1, ones);
    }
    // Rows have the root mean squares √12.5 and √0.125, the matrix 5; decay adds 1 % of the weight.
    double row = 0.1 * Math.sqrt(12.5);
    near(
        weights.get(EMBEDDING), 3 - row * 1.03, 4 - row * 1.04, .3 - row * .1003, .4 - row * .1004);
    near(weights.get(MATRIX), 1 - .5 * 1.01, 7 - .5 * 1.07, 5 - .5 * 1.05, 5 - .5 * 1.05);
    near(weights.get(BIAS), -0.05, 1.95);
    near(weights.get(GAIN), 0.95, 1.95);
  }

  private static void near(@Nullable Tensor tensor, double... expected) {
    float[] found = values(tensor);
    assertThat(found).hasSize(expected.length);
    for (int index = 0; index < expected.length; index++) {
      assertThat(found[index]).isCloseTo((float) expected[index], Offset.offset(1e-6f));
    }
  }

  @Test
  void tigerOnMicroBatchesIsTigerOnTheWholeBatch() {
    Map<String, Tensor> whole = weights();
    Map<String, Tensor> parts = weights();
    Random random = new Random(5);
    try (Optimizer once = optimizer(TIGER, whole);
        Optimizer often = optimizer(TIGER, parts)) {
      for (int step = 0; step < 6; step++) {
        List<Tensor[]> micro = new ArrayList<>();
        for (int part = 0; part < 4; part++) {
          micro.add(gradients(random));
        }
        Tensor[] sums = new Tensor[whole.size()];
        for (int weight = 0; weight < sums.length; weight++) {
          sums[weight] = torch.zeros_like(micro.getFirst()[weight]);
          for (Tensor[] part : micro) {
            sums[weight].add_(part[weight]);
          }
        }
        step(once, 0.01, sums);
        micro.forEach(part -> often.add(new TensorVector(part)));
        often.step(0.01);
      }
    }
    // Only signs of means matter, so rounding of the sums changes nothing here.
    whole.forEach((name, tensor) -> assertThat(values(parts.get(name))).isEqualTo(values(tensor)));
  }

  @Test
  void tigerDoesNotSeeTheScaleOfGradients() {
    Map<String, Tensor> plain = weights();
    Map<String, Tensor> scaled = weights();
    try (Optimizer first = optimizer(TIGER, plain);
        Optimizer second = optimizer(TIGER, scaled)) {
      Random random = new Random(6);
      for (int step = 0; step < 5; step++) {
        Tensor[] gradients = gradients(random);
        step(first, 0.01, gradients);
        Tensor[] larger =
            Arrays.stream(gradients)
                .map(gradient -> gradient.mul(new Scalar(1024.0)))
                .toArray(Tensor[]::new);
        step(second, 0.01, larger);
      }
    }
    plain.forEach((name, tensor) -> assertThat(values(scaled.get(name))).isEqualTo(values(tensor)));
  }

  @Test
  void tigerShrinksWhatHasNoFiniteGradientAndForgetsTheGradient() {
    Map<String, Tensor> weights = weights();
    try (Optimizer tiger = optimizer(TIGER, weights)) {
      step(tiger, 0, gradients(new Random(7)));
      Tensor[] broken = gradients(new Random(8));
      broken[1] = matrix(2, 1, Float.NaN, 1, 1);
      broken[3] = Tensor.create(new float[] {1, Float.POSITIVE_INFINITY});
      step(tiger, 0, broken);
      near(weights.get(EMBEDDING), 3, 4, 0.3, 0.4);
      near(weights.get(MATRIX), .99, 6.93, 4.95, 4.95);
      near(weights.get(BIAS), 0, 2);
      near(weights.get(GAIN), 1, 1.99);
      step(tiger, 0.001, gradients(new Random(9)));
    }
    weights.values().forEach(tensor -> assertThat(tensor.sum().item_double()).isFinite());
  }

  @Test
  void tigerLeavesAMatrixOfZerosAndOnlyDecaysWhereThereIsNoGradient() {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    weights.put(MATRIX, matrix(1, 0, 0));
    weights.put(OTHER, matrix(1, 2, 2));
    try (Optimizer tiger = optimizer(TIGER, weights)) {
      step(tiger, 0.1, matrix(1, 3, -3), matrix(1, 0, 0));
    }
    near(weights.get(MATRIX), 0, 0);
    near(weights.get("model.layers.0.self_attn.k_proj.weight"), 2 - 0.2 * 0.02, 2 - 0.2 * 0.02);
  }

  /// The first step of Adam is the rate times the sign of the gradient; decay comes beside it, and
  /// on matrices only.
  @Test
  void adamDecaysMatricesOnly() {
    Map<String, Tensor> weights = weights();
    try (Optimizer adam = optimizer(ADAM, weights)) {
      Tensor[] ones = weights.values().stream().map(torch::ones_like).toArray(Tensor[]::new);
      step(adam, 0.1, ones);
    }
    near(weights.get(MATRIX), .99 - .1, 7 * .99 - .1, 5 * .99 - .1, 5 * .99 - .1);
    near(weights.get(BIAS), -0.1, 1.9);
    near(weights.get(GAIN), 0.9, 1.9);
  }

  @Test
  void adamMovesNothingByAGradientThatIsNotFinite() {
    Map<String, Tensor> weights = weights();
    try (Optimizer adam = optimizer(ADAM, weights)) {
      Tensor[] broken = gradients(new Random(8));
      broken[1] = matrix(2, 1, Float.NaN, 1, 1);
      adam.add(new TensorVector(broken));
      assertThat(adam.step(0.1)).isNaN();
    }
    weights().forEach((name, old) -> assertThat(values(weights.get(name))).isEqualTo(values(old)));
  }

  @ParameterizedTest
  @MethodSource("everyOptimizer")
  void stateGoesOnWithEveryBit(OptimizerSettings settings) {
    Path file = folder.resolve("state");
    Map<String, Tensor> weights = weights();
    Map<String, Tensor> copies = new LinkedHashMap<>();
    try (Optimizer first = optimizer(settings, weights)) {
      Random random = new Random(10);
      step(first, 0.01, gradients(random));
      step(first, 0.01, gradients(random));
      first.write(file);
      weights.forEach((name, tensor) -> copies.put(name, tensor.clone()));
      try (Optimizer second = optimizer(settings, copies)) {
        second.read(file);
        Tensor[] gradients = gradients(random);
        step(first, 0.01, gradients);
        step(second, 0.01, gradients);
      }
    }
    weights.forEach(
        (name, tensor) -> assertThat(values(copies.get(name))).isEqualTo(values(tensor)));
  }

  @Test
  void tigerStateOfAnotherModelNamesTheWeight() {
    Path file = folder.resolve("state");
    try (Optimizer other = optimizer(TIGER, Map.of(MATRIX, matrix(1, 1, 2)))) {
      other.write(file);
    }
    try (Optimizer tiger = optimizer(TIGER, weights())) {
      assertThatThrownBy(() -> tiger.read(file))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining(EMBEDDING);
    }
    try (Optimizer tiger = optimizer(TIGER, Map.of(MATRIX, matrix(1, 1, 2, 3)))) {
      assertThatThrownBy(() -> tiger.read(file))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining(MATRIX)
          .hasMessageContaining("[1, 3]");
    }
  }

  /// libtorch's own writer would end the process here.
  @Test
  @EnabledOnOs(OS.LINUX)
  void fullDiskIsAnExceptionThatTheProcessSurvives() throws IOException {
    try (AdamOptimizer adam = (AdamOptimizer) optimizer(ADAM, weights());
        FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
      step(adam, 0.01, gradients(new Random(11)));
      assertThatThrownBy(() -> adam.writeTo(full)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> adam.write(folder.resolve("missing/state")))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("missing");
    }
  }
}
