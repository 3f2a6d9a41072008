package dev.lengthwise.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lengthwise.parallel.VectorWidth;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.quantised.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Activations and gatings at awkward sizes, against their specifications. Runs at every width of
/// vectors (see core/pom.xml).
class FeedForwardKernelTest {

  private static final int[] COLUMNS = {1, 5, 16, 77, 2055};
  private static final int ROWS = 11;
  private static final Workers WORKERS = new Workers(2);

  @AfterAll
  static void end() {
    WORKERS.close();
  }

  private static Stream<MatrixProducts> products() {
    return Stream.of(MatrixProducts.scalar(WORKERS), new MatrixProducts(WORKERS));
  }

  static Stream<Gating> gatings() {
    return Stream.concat(
        Stream.of(Activation.values()).map(Gating::of),
        Stream.of(
            new Gating(Activation.SIGMOID_1702, 1.5, 1),
            new Gating(Activation.SILU, 0.7, 0),
            new Gating(Activation.GELU, Double.POSITIVE_INFINITY, -2)));
  }

  // Numbers around zero, some large.
  private static MemorySegment random(int count, long seed, boolean bf16, Arena arena) {
    SplittableRandom random = new SplittableRandom(seed);
    MemorySegment memory = arena.allocate((long) count * (bf16 ? 2 : 4), 64);
    for (int i = 0; i < count; i++) {
      float value = (float) (random.nextGaussian() * (i % 7 == 0 ? 30 : 2));
      if (bf16) {
        memory.setAtIndex(Memory.SHORT, i, Bfloat16.round(value));
      } else {
        memory.setAtIndex(Memory.FLOAT, i, value);
      }
    }
    return memory;
  }

  private static float at(MemorySegment memory, long index, boolean bf16) {
    return bf16
        ? Bfloat16.value(memory.getAtIndex(Memory.SHORT, index))
        : memory.getAtIndex(Memory.FLOAT, index);
  }

  // A unit in the last place of bf16 is 2⁻⁷ of the value at most.
  private static void assertClose(double found, double expected, boolean bf16) {
    double allowed = Math.abs(expected) * (bf16 ? 0x1p-8 : 2e-6) + 1e-6;
    if (!(Math.abs(found - expected) <= allowed)) {
      fail("%s instead of %s, allowed %s".formatted(found, expected, allowed));
    }
  }

  // Columns 2 … 2 + outputs of rows that have one column more behind.
  private static void assertColumns(
      MemorySegment target, int outputs, boolean bf16, IntToDoubleFunction expected) {
    int columns = outputs + 3;
    for (int i = 0; i < ROWS * columns; i++) {
      int output = i % columns - 2;
      if (output < 0 || output >= outputs) {
        assertThat(at(target, i, bf16)).as("outside of the block").isEqualTo(0);
      } else {
        assertClose(
            at(target, i, bf16), expected.applyAsDouble(i / columns * outputs + output), bf16);
      }
    }
  }

  private static float complement(float x) {
    return ErrorFunction.complement(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
  }

  // Every 2003rd float from 10⁻⁹ to `largest`, and its negative.
  private static double worstRelativeError(float largest) {
    double worst = 0;
    for (int bits = Float.floatToIntBits(1e-9f);
        bits < Float.floatToIntBits(largest);
        bits += 2003) {
      float x = Float.intBitsToFloat(bits);
      double erf = Activation.errorFunction(x);
      worst = Math.max(worst, Math.abs(complement(x) / (1 - erf) - 1));
      worst = Math.max(worst, Math.abs(complement(-x) / (1 + erf) - 1));
    }
    return worst;
  }

  @Test
  void complementaryErrorFunctionKeepsItsRelativeError() {
    assumeTrue(VectorWidth.vectorised());
    assertThat(worstRelativeError(2.75f)).isLessThan(1.6e-6);
    assertThat(worstRelativeError(4)).isLessThan(6e-5);
    for (float x : new float[] {6, 1e4f, 1e30f, Float.POSITIVE_INFINITY}) {
      assertThat(complement(x)).isBetween(0f, 1e-15f);
      assertThat(complement(-x)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void activationsOfEverySizeEqualTheirSpecification(Activation activation) {
    float[] extremes = {0, -0f, 1e-30f, -1e-30f, 5.4f, -5.4f, 90, -90, 1e4f, -1e4f, 1e12f, -1e12f};
    for (MatrixKernels kernels : List.of(new ScalarMatrixKernels(), MatrixKernels.best())) {
      for (int count = 0; count <= 70; count++) {
        float[] values = new float[count + 1];
        for (int i = 0; i <= count; i++) {
          values[i] = i < 40 ? (i - 20) * 0.37f : extremes[i % extremes.length];
        }
        float[] found = values.clone();
        kernels.activate(activation, found, count);
        for (int i = 0; i < count; i++) {
          assertClose(found[i], activation.of(values[i]), false);
        }
        assertThat(found[count]).isEqualTo(values[count]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotANumberStaysSo(Activation activation) {
    float[] values = new float[33];
    Arrays.fill(values, Float.NaN);
    MatrixKernels.best().activate(activation, values, values.length);
    assertThat(values).containsOnly(Float.NaN);
  }

  @ParameterizedTest
  @EnumSource
  void activatedBlocksStayInTheirColumns(Activation activation) {
    for (boolean bf16 : new boolean[] {false, true}) {
      for (int outputs : COLUMNS) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment given = random(ROWS * outputs, outputs, bf16, arena);
          Activations.Block block = new Activations.Block(ROWS, outputs + 3, 2, outputs);
          products()
              .forEach(
                  products -> {
                    MemorySegment target = arena.allocate((long) ROWS * (outputs + 3) * 4, 64);
                    products.activations().activate(given, activation, block, target, bf16);
                    assertColumns(target, outputs, bf16, i -> activation.of(at(given, i, bf16)));
                  });
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("gatings")
  void gatedBlocksStayInTheirColumns(Gating gating) {
    for (boolean bf16 : new boolean[] {false, true}) {
      for (int outputs : COLUMNS) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment gates = random(ROWS * outputs, outputs, bf16, arena);
          MemorySegment ups = random(ROWS * outputs, outputs + 1, bf16, arena);
          Activations.Block block = new Activations.Block(ROWS, outputs + 3, 2, outputs);
          products()
              .forEach(
                  products -> {
                    MemorySegment target = arena.allocate((long) ROWS * (outputs + 3) * 4, 64);
                    products.activations().gate(gates, ups, gating, block, target, bf16);
                    assertColumns(
                        target,
                        outputs,
                        bf16,
                        i -> gating.of(at(gates, i, bf16), at(ups, i, bf16)));
                  });
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("gatings")
  void gatedProductsEqualTheGatingOfProducts(Gating gating) {
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix gate = RandomWeights.of(WeightType.BF16, 37, 50, 1, arena);
      WeightMatrix up = RandomWeights.of(WeightType.F32, 37, 50, 2, arena);
      for (int tokens : new int[] {1, 3}) {
        FloatRows inputs = RandomWeights.activations(tokens, 50, 3, arena);
        FloatRows gates = FloatRows.allocate(arena, tokens, 37);
        FloatRows ups = FloatRows.allocate(arena, tokens, 37);
        FloatRows target = FloatRows.allocate(arena, tokens, 37);
        products()
            .forEach(
                products -> {
                  products.multiply(inputs, List.of(new Output(gate, gates), new Output(up, ups)));
                  Output results = new Output(up, target);
                  products.multiplyGated(inputs, new Output(gate, gates), results, gating);
                  float[] found = RandomWeights.values(target);
                  for (int i = 0; i < found.length; i++) {
                    double expected =
                        gating.of(RandomWeights.values(gates)[i], RandomWeights.values(ups)[i]);
                    assertClose(found[i], expected, false);
                  }
                });
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void activatedProductsEqualTheActivationOfProductsWithBias(Activation activation) {
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix up = RandomWeights.of(WeightType.Q8_0, 67, 96, 2, arena);
      float[] bias = new float[67];
      int[] places = new int[67];
      for (int row = 0; row < 67; row++) {
        bias[row] = (row - 30) / 8f;
        places[row] = (row + 5) % 67;
      }
      for (int tokens : new int[] {1, 3}) {
        FloatRows inputs = RandomWeights.activations(tokens, 96, 3, arena);
        FloatRows plain = FloatRows.allocate(arena, tokens, 67);
        FloatRows target = FloatRows.allocate(arena, tokens, 67);
        products()
            .forEach(
                products -> {
                  products.multiply(inputs, List.of(new Output(up, bias, places, plain, false)));
                  Output results = new Output(up, bias, places, target, false);
                  products.multiplyActivated(inputs, results, activation);
                  for (int i = 0; i < tokens * 67; i++) {
                    double expected = activation.of(RandomWeights.values(plain)[i]);
                    assertThat((double) RandomWeights.values(target)[i])
                        .isCloseTo(expected, within(2e-6 * Math.abs(expected) + 1e-6));
                  }
                });
      }
    }
  }
}
