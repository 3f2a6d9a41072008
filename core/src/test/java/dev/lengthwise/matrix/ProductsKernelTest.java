package dev.lengthwise.matrix;

import static dev.lengthwise.matrix.ActivationPrecision.F32;
import static dev.lengthwise.matrix.ActivationPrecision.Q8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.lengthwise.parallel.VectorWidth;
import dev.lengthwise.parallel.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every kernel on every type at awkward sizes, against double sums over what the codecs decode.
/// Runs at every width of vectors (see core/pom.xml).
class ProductsKernelTest {

  private static final int[] ROWS = {1, 2, 3, 5, 67};
  private static final int[] TOKENS = {1, 2, 3, 4, 5, 8, 9};
  private static final Workers WORKERS = new Workers(2);

  @AfterAll
  static void end() {
    WORKERS.close();
  }

  private static Stream<MatrixKernels> kernels() {
    return Stream.of(new ScalarMatrixKernels(), MatrixKernels.best());
  }

  private static int[] columns(WeightType type) {
    int block = type.blockSize();
    return block == 1
        ? new int[] {1, 7, 16, 33, 100, 1024, 1061, 4133}
        : new int[] {block, 3 * block, 1024, 1024 + 5 * block, 4096 + 5 * block};
  }

  private static double[] decoded(WeightMatrix weight) {
    float[] values = new float[weight.rows() * weight.columns()];
    new ScalarMatrixKernels().decode(weight.type(), weight.addressOf(0), values.length, values, 0);
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  @ParameterizedTest
  @EnumSource
  void productsEqualDoubleSumsOverDecodedWeights(WeightType type) {
    for (int columns : columns(type)) {
      for (int rows : ROWS) {
        try (Arena arena = Arena.ofConfined()) {
          WeightMatrix weight = RandomWeights.of(type, rows, columns, rows + columns, arena);
          double[] decoded = decoded(weight);
          for (int tokens : TOKENS) {
            FloatRows inputs = RandomWeights.activations(tokens, columns, tokens, arena);
            kernels().forEach(kernels -> check(weight, decoded, inputs, kernels, arena));
          }
        }
      }
    }
  }

  private static void check(
      WeightMatrix weight, double[] decoded, FloatRows inputs, MatrixKernels kernels, Arena arena) {
    FloatRows target = FloatRows.allocate(arena, inputs.count(), weight.rows());
    new MatrixProducts(WORKERS, kernels, false, F32).multiply(weight, inputs, target);
    check(weight, decoded, inputs, target);
    new MatrixProducts(WORKERS, kernels, true, F32).multiply(weight, inputs, target);
    check(weight, decoded, inputs, target);
  }

  private static void check(
      WeightMatrix weight, double[] decoded, FloatRows inputs, FloatRows target) {
    float[] found = RandomWeights.values(target);
    float[] given = RandomWeights.values(inputs);
    int columns = weight.columns();
    for (int token = 0; token < inputs.count(); token++) {
      for (int row = 0; row < weight.rows(); row++) {
        double sum = 0;
        double size = 0;
        for (int c = 0; c < columns; c++) {
          double term = decoded[row * columns + c] * given[token * columns + c];
          sum += term;
          size += Math.abs(term);
        }
        // Rounding errors of a sum in single precision grow with the root of its length at most
        // times the size of its terms.
        double bound = size * Math.ulp(1f) * Math.sqrt(columns) + 1e-30;
        double error = Math.abs(found[token * weight.rows() + row] - sum);
        if (!(error <= bound)) {
          fail(
              "%s %d × %d: off by %s, allowed %s"
                  .formatted(weight.type(), weight.rows(), columns, error, bound));
        }
      }
    }
  }

  @Test
  void scalesBesideTheNumbersBelongToTheirBlocks() {
    int rows = 300;
    int columns = 1100;
    float[] factors = new float[3 * 9];
    for (int n = 0; n < factors.length; n++) {
      factors[n] = 0.25f + n;
    }
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix numbers = RandomWeights.of(WeightType.F8_E4M3, rows, columns, 5, arena);
      BlockScales scales = new BlockScales(factors, 128, 128, 9, 0);
      double[] decoded = decoded(numbers);
      for (int n = 0; n < decoded.length; n++) {
        decoded[n] *= factors[n / columns / 128 * 9 + n % columns / 128];
      }
      WeightMatrix weight = new WeightMatrix(numbers.type(), rows, columns, numbers.data(), scales);
      int first = 120;
      double[] part = Arrays.copyOfRange(decoded, first * columns, 140 * columns);
      for (int tokens : TOKENS) {
        FloatRows inputs = RandomWeights.activations(tokens, columns, tokens, arena);
        kernels().forEach(kernels -> check(weight, decoded, inputs, kernels, arena));
        kernels().forEach(kernels -> check(weight.rows(first, 20), part, inputs, kernels, arena));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void decodingIsThatOfTheCodecToTheBit(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      for (int columns : columns(type)) {
        WeightMatrix weight = RandomWeights.of(type, 3, columns, columns, arena);
        float[] expected = new float[3 * columns + 1];
        float[] found = new float[3 * columns + 1];
        new ScalarMatrixKernels().decode(type, weight.addressOf(0), 3 * columns, expected, 1);
        MatrixKernels.best().decode(type, weight.addressOf(0), 3 * columns, found, 1);
        assertThat(found).containsExactly(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q6_K", "IQ4_NL", "IQ4_XS"})
  void rowsSideBySideTakeTheSmallestAndTheLargestScales(WeightType type) {
    short[] scales = {1, (short) 0x8001, 0x3ff, 0x7bff, (short) 0xfbff, 0, (short) 0x8000};
    int at = type == WeightType.Q6_K ? 208 : 0;
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(type, scales.length, 256, 9, arena);
      for (int row = 0; row < scales.length; row++) {
        for (long block = at; block < weight.rowBytes(); block += type.blockBytes()) {
          weight.data().set(Memory.SHORT, row * weight.rowBytes() + block, scales[row]);
        }
      }
      FloatRows inputs = RandomWeights.activations(1, 256, 10, arena);
      FloatRows target = FloatRows.allocate(arena, 1, scales.length);
      new MatrixProducts(WORKERS, MatrixKernels.best(), true, F32).multiply(weight, inputs, target);
      check(weight, decoded(weight), inputs, target);
    }
  }

  @Test
  void rowsSideBySideTakeTheSmallestAndTheLargestPowersOfTwo() {
    byte[] exponents = {0, 1, 2, 127, (byte) 128, (byte) 252};
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(WeightType.MXFP4, exponents.length, 256, 9, arena);
      for (int row = 0; row < exponents.length; row++) {
        for (long block = 0; block < weight.rowBytes(); block += WeightType.MXFP4.blockBytes()) {
          long at = row * weight.rowBytes() + block;
          weight.data().set(ValueLayout.JAVA_BYTE, at, exponents[row]);
        }
      }
      FloatRows inputs = FloatRows.allocate(arena, 1, 256);
      inputs.memory().setAtIndex(Memory.FLOAT, 33, 1);
      FloatRows target = FloatRows.allocate(arena, 1, exponents.length);
      new MatrixProducts(WORKERS, MatrixKernels.best(), true, F32).multiply(weight, inputs, target);
      double[] decoded = decoded(weight);
      for (int row = 0; row < exponents.length; row++) {
        assertThat((double) RandomWeights.values(target)[row]).isEqualTo(decoded[row * 256 + 33]);
      }
    }
  }

  // Those in Java, and those compiled from C where they were built and run here.
  private static List<MatrixKernels> roundedKernels(WeightType type) {
    List<MatrixKernels> kernels = new ArrayList<>();
    kernels.add(new ScalarMatrixKernels());
    if (VectorWidth.vectorised()) {
      kernels.add(new VectorMatrixKernels(Optional.empty(), Optional.empty()));
      for (int bits : new int[] {256, 512}) {
        CompiledProducts.ofBits(bits)
            .ifPresent(
                compiled ->
                    kernels.add(new VectorMatrixKernels(Optional.of(compiled), Optional.empty())));
      }
    }
    GroupLayout layout = Objects.requireNonNull(GroupLayout.of(type));
    return kernels.stream().filter(found -> found.rounds(layout)).toList();
  }

  private static RowGroups groups(WeightMatrix weight, Arena arena) {
    GroupLayout layout = Objects.requireNonNull(GroupLayout.of(weight.type()));
    return RowGroups.of(weight, layout, MatrixKernels.best(), WORKERS, arena);
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
  void activationsOfEightBitsAreMultipliedExactly(WeightType type) {
    int columns = 1280;
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(type, 53, columns, 8, arena);
      RowGroups groups = groups(weight, arena);
      FloatRows input = RandomWeights.activations(1, columns, 11, arena);
      IntegerInput integers = new IntegerInput();
      integers.set(groups.layout(), input.addressOf(0), columns);
      FloatRows rounded = FloatRows.allocate(arena, 1, columns);
      for (int c = 0; c < columns; c++) {
        float value = integers.numbers()[c] * integers.scales()[c / IntegerInput.BLOCK];
        rounded.memory().setAtIndex(Memory.FLOAT, c, value);
        assertThat(value)
            .isEqualTo(
                input.memory().getAtIndex(Memory.FLOAT, c),
                within(0.501f * integers.scales()[c / IntegerInput.BLOCK]));
      }
      FloatRows expected = FloatRows.allocate(arena, 1, 53);
      new MatrixProducts(WORKERS, new ScalarMatrixKernels(), true, Q8)
          .multiply(weight, input, expected);
      check(weight, decoded(weight), rounded, expected);
      for (MatrixKernels kernels : roundedKernels(type)) {
        FloatRows found = FloatRows.allocate(arena, 1, 53);
        new MatrixProducts(WORKERS, kernels, true, Q8).multiply(weight, input, found);
        assertThat(RandomWeights.values(found)).containsExactly(RandomWeights.values(expected));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
  void roundedTokensTogetherAreThoseOfTheDefinitionToTheBit(WeightType type) {
    // A unit, and several; a group, and some where the last is not full.
    int unit = Objects.requireNonNull(GroupLayout.of(type)).columns();
    for (int columns : new int[] {unit, 9 * unit}) {
      for (int rows : new int[] {16, 53}) {
        for (int tokens : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 16}) {
          checkRounded(type, rows, columns, tokens);
        }
      }
    }
  }

  // Tasks of 48 rows: groups half a task apart, one that has no other, and a task with the rest.
  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
  void groupsOfATaskAreThoseOfTheDefinitionToTheBit(WeightType type) {
    for (int tokens : new int[] {1, 2, 3, 5, 9}) {
      checkRounded(type, 391, 256, tokens);
    }
  }

  // More than lie side by side otherwise: texts that are written at once.
  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
  void manyTokensApartAreThoseOfTheDefinitionToTheBit(WeightType type) {
    for (int tokens : new int[] {17, 35}) {
      checkRounded(type, 40, 256, tokens);
    }
  }

  // In C in one call, where whole vectors come out; 53 rows of one token leave a rest.
  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
  void gatesOfRoundedTokensAreThoseOfTheirPartsToTheBit(WeightType type) {
    assumeThat(VectorWidth.vectorised()).as("kernels on vectors").isTrue();
    for (int rows : new int[] {53, 400}) {
      for (int tokens : new int[] {1, 2, 5, 16}) {
        try (Arena arena = Arena.ofConfined()) {
          WeightMatrix gate = RandomWeights.of(type, rows, 512, 8, arena);
          WeightMatrix up = RandomWeights.of(type, rows, 512, 9, arena);
          FloatRows inputs = RandomWeights.activations(tokens, 512, tokens, arena);
          int[] places = IntStream.range(0, rows).map(row -> rows - 1 - row).toArray();
          List<float[]> found = new ArrayList<>();
          for (MatrixKernels kernels : roundedKernels(type)) {
            if (kernels instanceof VectorMatrixKernels) {
              FloatRows target = FloatRows.allocate(arena, tokens, rows);
              target.memory().fill((byte) 0);
              new MatrixProducts(WORKERS, kernels, true, Q8)
                  .multiplyGated(
                      inputs,
                      new Output(gate, target),
                      new Output(up, null, tokens == 2 ? places : null, target, tokens == 5),
                      Gating.SILU);
              found.add(RandomWeights.values(target));
            }
          }
          for (float[] each : found) {
            assertThat(each).as("%d rows, %d tokens", rows, tokens).containsExactly(found.get(0));
          }
        }
      }
    }
  }

  private static void checkRounded(WeightType type, int rows, int columns, int tokens) {
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(type, rows, columns, 8, arena);
      FloatRows inputs = RandomWeights.activations(tokens, columns, tokens, arena).eachApart();
      // Blocks of zeros, of what rounds to them, and of what is no number.
      inputs.memory().asSlice(0, 32 * Float.BYTES).fill((byte) 0);
      inputs.memory().setAtIndex(Memory.FLOAT, 40, Float.MIN_VALUE);
      float[] expected = rounded(weight, inputs, new ScalarMatrixKernels(), arena);
      for (MatrixKernels kernels : roundedKernels(type)) {
        assertThat(rounded(weight, inputs, kernels, arena))
            .as("%d columns, %d rows, %d tokens", columns, rows, tokens)
            .containsExactly(expected);
      }
      inputs.memory().setAtIndex(Memory.FLOAT, 50, Float.NaN);
      for (MatrixKernels kernels : roundedKernels(type)) {
        assertThat(rounded(weight, inputs, kernels, arena)[0]).isNaN();
      }
      inputs.memory().setAtIndex(Memory.FLOAT, 50, Float.NEGATIVE_INFINITY);
      for (MatrixKernels kernels : roundedKernels(type)) {
        assertThat(rounded(weight, inputs, kernels, arena)[0]).isNaN();
      }
    }
  }

  private static float[] rounded(
      WeightMatrix weight, FloatRows inputs, MatrixKernels kernels, Arena arena) {
    FloatRows found = FloatRows.allocate(arena, inputs.count(), weight.rows());
    new MatrixProducts(WORKERS, kernels, true, Q8).multiply(weight, inputs, found);
    return RandomWeights.values(found);
  }

  @Test
  void compiledKernelsAreThereOnLinuxWithGcc() throws IOException {
    assumeThat(System.getProperty("os.name") + " " + System.getProperty("os.arch"))
        .as("kernels in C are for Linux on x86-64")
        .isEqualTo("Linux amd64");
    assumeThat(VectorWidth.bits()).as("kernels in C have 256 bits at least").isGreaterThan(255);
    Process compiler;
    try {
      compiler = new ProcessBuilder("cc", "--version").redirectErrorStream(true).start();
    } catch (IOException e) {
      abort("Kernels in C need GCC, and there is no cc: " + e.getMessage());
      return;
    }
    try (InputStream out = compiler.getInputStream()) {
      assumeThat(new String(out.readAllBytes(), StandardCharsets.UTF_8))
          .as("kernels in C need GCC")
          .contains("Free Software Foundation");
    }
    assertThat(CompiledProducts.best()).isPresent();
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
  void activationsOfEightBitsFillSixteenBitsWithoutOverflow(WeightType type) {
    int columns = 512;
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(type, 16, columns, 8, arena);
      byte[] ones = new byte[(int) weight.data().byteSize()];
      for (byte fill : new byte[] {-1, 0, -128, 127}) {
        Arrays.fill(ones, fill);
        int scales =
            switch (type) {
              case Q4_0, Q8_0, IQ4_NL -> 2;
              case IQ4_XS -> 8;
              case MXFP4 -> 1;
              case Q6_K -> 0;
              default -> 16;
            };
        for (int n = 0; n < ones.length; n += type.blockBytes()) {
          int from = n + scales;
          int count = type == WeightType.Q6_K ? 192 : type.blockBytes() - scales;
          MemorySegment.copy(ones, from, weight.data(), ValueLayout.JAVA_BYTE, from, count);
        }
        for (float sign : new float[] {1, -1}) {
          FloatRows input = FloatRows.allocate(arena, 1, columns);
          for (int c = 0; c < columns; c++) {
            input.memory().setAtIndex(Memory.FLOAT, c, sign * 127);
          }
          for (MatrixKernels kernels : roundedKernels(type)) {
            FloatRows found = FloatRows.allocate(arena, 1, 16);
            new MatrixProducts(WORKERS, kernels, true, Q8).multiply(weight, input, found);
            check(weight, decoded(weight), input, found);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
  void rowsSideBySideAreThoseOfTheCodecToTheBit(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(type, 19, 512, 7, arena);
      RowGroups groups = groups(weight, arena);
      float[] expected = new float[19 * 512];
      new ScalarMatrixKernels().decode(type, weight.addressOf(0), expected.length, expected, 0);
      for (int i = 0; i < expected.length; i++) {
        assertThat(GroupWeights.weight(groups, i / 512, i % 512)).isEqualTo(expected[i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
  void severalTokensAreEachAloneToTheBit(WeightType type) {
    for (ActivationPrecision precision : ActivationPrecision.values()) {
      severalTokensAreEachAlone(type, 512, precision);
    }
    severalTokensAreEachAlone(type, 2304, ActivationPrecision.F32);
  }

  private static void severalTokensAreEachAlone(
      WeightType type, int columns, ActivationPrecision precision) {
    MatrixProducts products = new MatrixProducts(WORKERS, MatrixKernels.best(), true, precision);
    long bytes = (long) columns * Float.BYTES;
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(type, 53, columns, 8, arena);
      for (int tokens : new int[] {2, 3, 4, 5, 6, 7, 16}) {
        FloatRows inputs = RandomWeights.activations(tokens, columns, tokens, arena);
        FloatRows together = FloatRows.allocate(arena, tokens, 53);
        // Without vectors rows as they lie in the file are decoded for several tokens at once.
        boolean promised = type != WeightType.Q8_0;
        products.multiply(weight, promised ? inputs : inputs.eachApart(), together);
        float[] alone = new float[tokens * 53];
        for (int token = 0; token < tokens; token++) {
          FloatRows input =
              new FloatRows(inputs.memory().asSlice(token * bytes, bytes), 1, columns);
          FloatRows single = FloatRows.allocate(arena, 1, 53);
          products.multiply(weight, input, single);
          System.arraycopy(RandomWeights.values(single), 0, alone, token * 53, 53);
        }
        assertThat(RandomWeights.values(together)).as(tokens + " tokens").containsExactly(alone);
      }
    }
  }

  @Test
  void everyHalfIsDecodedAsJavaDoes() {
    try (Arena arena = Arena.ofConfined()) {
      var data = arena.allocate(2L << 16, 2);
      for (int bits = 0; bits < 1 << 16; bits++) {
        data.setAtIndex(Memory.SHORT, bits, (short) bits);
      }
      float[] found = new float[1 << 16];
      MatrixKernels.best().decode(WeightType.F16, data.address(), 1 << 16, found, 0);
      float[] expected = new float[1 << 16];
      for (int bits = 0; bits < 1 << 16; bits++) {
        expected[bits] = Float.float16ToFloat((short) bits);
      }
      assertThat(found).containsExactly(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void threadsAndNeighboursChangeNoBit(WeightType type) {
    try (Arena arena = Arena.ofConfined();
        Workers one = new Workers(1);
        Workers three = new Workers(3)) {
      int columns = 4 * 256;
      WeightMatrix weight = RandomWeights.of(type, 517, columns, 3, arena);
      for (int tokens : new int[] {1, 5}) {
        FloatRows inputs = RandomWeights.activations(tokens, columns, 4, arena);
        FloatRows first = FloatRows.allocate(arena, tokens, 517);
        FloatRows second = FloatRows.allocate(arena, tokens, 517);
        FloatRows third = FloatRows.allocate(arena, tokens, 100);
        new MatrixProducts(one).multiply(weight, inputs, first);
        new MatrixProducts(three).multiply(weight, inputs, second);
        new MatrixProducts(three).multiply(weight.rows(301, 100), inputs, third);
        assertThat(RandomWeights.values(second)).containsExactly(RandomWeights.values(first));
        for (int row = 0; row < 100; row++) {
          assertThat(RandomWeights.values(third)[row])
              .isEqualTo(RandomWeights.values(first)[301 + row]);
        }
      }
    }
  }

  @Test
  void biasesPlacesFactorsAndSumsGoWhereTheyBelong() {
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(WeightType.F32, 3, 10, 1, arena);
      FloatRows inputs = RandomWeights.activations(2, 10, 2, arena);
      FloatRows plain = FloatRows.allocate(arena, 2, 3);
      FloatRows target = FloatRows.allocate(arena, 2, 3);
      MatrixProducts products = new MatrixProducts(WORKERS);
      products.multiply(weight, inputs, plain);
      target.memory().fill((byte) 0);
      float[] bias = {1, 2, 3};
      int[] places = {2, 0, 1};
      products.multiply(inputs, List.of(new Output(weight, bias, places, target, true)));
      products.multiply(inputs, List.of(new Output(weight, bias, places, target, true, 0.5f)));
      float[] expected = RandomWeights.values(plain);
      float[] found = RandomWeights.values(target);
      for (int token = 0; token < 2; token++) {
        for (int row = 0; row < 3; row++) {
          assertThat(found[token * 3 + places[row]])
              .isEqualTo(1.5f * (expected[token * 3 + row] + bias[row]), within(1e-5f));
        }
      }
    }
  }

  @Test
  void roundingEqualsItsScalarTwin() {
    try (Arena arena = Arena.ofConfined()) {
      float[] odd = new float[65];
      for (int i = 0; i < odd.length; i++) {
        odd[i] = Float.intBitsToFloat(0x3f800000 + i * 0x4001);
      }
      odd[3] = Float.NaN;
      odd[4] = Float.intBitsToFloat(0x7f800001);
      odd[5] = Float.NEGATIVE_INFINITY;
      odd[6] = Float.MAX_VALUE;
      var expected = arena.allocate(130, 2);
      var found = arena.allocate(130, 2);
      new ScalarMatrixKernels().narrow(odd, 65, expected.address());
      MatrixKernels.best().narrow(odd, 65, found.address());
      assertThat(found.mismatch(expected)).isEqualTo(-1);
    }
  }

  @Test
  void rowsAreDecodedInAnyOrder() {
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(WeightType.Q8_0, 9, 64, 1, arena);
      double[] decoded = decoded(weight);
      var target = arena.allocate(5 * 64 * 4, 4);
      int[] rows = {8, 3, 0, 7, 7, 2};
      new MatrixProducts(WORKERS).decodeRows(weight, rows, 1, 5, target, false);
      for (int i = 0; i < 5 * 64; i++) {
        assertThat((double) target.getAtIndex(Memory.FLOAT, i))
            .isEqualTo(decoded[rows[1 + i / 64] * 64 + i % 64]);
      }
    }
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> new WeightMatrix(WeightType.Q4_K, 2, 128, arena.allocate(144)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new WeightMatrix(WeightType.F32, 2, 3, arena.allocate(20)))
          .hasMessageContaining("need 24 bytes");
      WeightMatrix weight = RandomWeights.of(WeightType.F32, 2, 3, 1, arena);
      FloatRows four = RandomWeights.activations(1, 4, 1, arena);
      FloatRows two = FloatRows.allocate(arena, 1, 2);
      assertThatThrownBy(() -> new MatrixProducts(WORKERS).multiply(weight, four, two))
          .hasMessageContaining("3 columns");
    }
  }
}
