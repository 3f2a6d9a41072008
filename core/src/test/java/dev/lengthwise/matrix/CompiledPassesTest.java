package dev.lengthwise.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is compiled from C has the bits of the kernels in Java, which other tests hold to their
/// formulas. Runs at every width of vectors (see core/pom.xml).
class CompiledPassesTest {

  private static final int[] COLUMNS = {1, 5, 8, 16, 20, 77, 128, 768, 1061};

  @BeforeEach
  void needsThem() {
    assumeTrue(compiled().isPresent(), "no kernels in C of the width of those in Java");
  }

  private static Optional<CompiledPasses> compiled() {
    return CompiledPasses.best();
  }

  private static MatrixKernels inC() {
    return new VectorMatrixKernels(Optional.empty(), compiled());
  }

  private static MatrixKernels inJava() {
    return new VectorMatrixKernels(Optional.empty(), Optional.empty());
  }

  @ParameterizedTest
  @EnumSource
  void norms(Normalization.Kind kind) {
    try (Arena arena = Arena.ofConfined()) {
      for (int columns : COLUMNS) {
        MemorySegment gain = RandomWeights.activations(1, columns, 3, arena).memory();
        MemorySegment bias =
            kind == Normalization.Kind.RMS
                ? null
                : RandomWeights.activations(1, columns, 4, arena).memory();
        for (float size : new float[] {1, 1e-6f, 1e12f, 0, Float.NaN}) {
          FloatRows row = scaled(columns, size, arena);
          assertNorm(row, new Normalization(kind, 1e-5, gain, bias), arena);
          assertNorm(row, new Normalization(kind, 0, null, null), arena);
          assertNorm(row, new Normalization(kind, 1e-6, null, bias), arena);
        }
      }
    }
  }

  private static FloatRows scaled(int columns, float size, Arena arena) {
    FloatRows row = RandomWeights.activations(1, columns, 5, arena);
    for (int c = 0; c < columns; c++) {
      float x = row.memory().getAtIndex(Memory.FLOAT, c);
      row.memory().setAtIndex(Memory.FLOAT, c, (x + 3) * size);
    }
    return row;
  }

  private static void assertNorm(FloatRows row, Normalization norm, Arena arena) {
    FloatRows expected = FloatRows.allocate(arena, 1, row.columns());
    FloatRows found = FloatRows.allocate(arena, 1, row.columns());
    inJava().norm(row.addressOf(0), row.columns(), norm, expected.addressOf(0), false);
    inC().norm(row.addressOf(0), row.columns(), norm, found.addressOf(0), false);
    assertThat(RandomWeights.values(found))
        .as("%s of %d", norm, row.columns())
        .containsExactly(RandomWeights.values(expected));
  }

  @Test
  void gates() {
    SplittableRandom random = new SplittableRandom(7);
    for (int count : COLUMNS) {
      float[] gates = numbers(random, count);
      float[] ups = numbers(random, count);
      for (int at = 0; at < count; at += 3) { // also where e^x ends
        float[] ends = {87.3f, -87.3f, 88, -88.1f, 300, -300, 0, -0f, Float.NaN, 1e-30f};
        gates[at] = ends[at / 3 % ends.length];
      }
      float[] expected = gates.clone();
      inJava().gate(Gating.SILU, expected, ups.clone(), count);
      inC().gate(Gating.SILU, gates, ups.clone(), count);
      assertThat(gates).as("%d", count).containsExactly(expected);
    }
  }

  private static float[] numbers(SplittableRandom random, int count) {
    float[] numbers = new float[count];
    for (int n = 0; n < count; n++) {
      numbers[n] = (float) random.nextGaussian() * (n % 7 == 0 ? 30 : 2);
    }
    return numbers;
  }

  @Test
  void outputsGoToTheirPlaces() {
    int rows = 37;
    int[] turned = IntStream.range(0, rows).map(row -> rows - 1 - row).toArray();
    try (Arena arena = Arena.ofConfined()) {
      for (int tokens : new int[] {1, 3, 16}) {
        for (boolean add : new boolean[] {false, true}) {
          assertStored(null, tokens, add, arena);
          assertStored(turned, tokens, add, arena);
        }
      }
    }
  }

  // Rows 5 to 33 of 37.
  private static void assertStored(int @Nullable [] places, int tokens, boolean add, Arena arena) {
    WeightMatrix weight = RandomWeights.of(WeightType.F32, 37, 8, 1, arena);
    FloatRows expected = RandomWeights.activations(tokens, 37, 2, arena);
    FloatRows found = RandomWeights.activations(tokens, 37, 2, arena);
    float[] sums = numbers(new SplittableRandom(3), 28 * tokens);
    inJava().store(new Output(weight, null, places, expected, add), 5, 28, sums);
    inC().store(new Output(weight, null, places, found, add), 5, 28, sums);
    assertThat(RandomWeights.values(found)).containsExactly(RandomWeights.values(expected));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "F16", "Q8_0"})
  void rowsAreMultipliedAsTheyLie(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      for (int columns : type == WeightType.Q8_0 ? new int[] {32, 544} : COLUMNS) {
        FloatRows input = RandomWeights.activations(1, columns, 12, arena);
        for (int rows : new int[] {1, 4, 7, 29}) {
          WeightMatrix weight = RandomWeights.of(type, rows, columns, 13, arena);
          assertThat(dot(inC(), weight, input)).containsExactly(dot(inJava(), weight, input));
        }
      }
    }
  }

  private static float[] dot(MatrixKernels kernels, WeightMatrix weight, FloatRows input) {
    float[] sums = new float[weight.rows() + 2];
    kernels.dot(
        weight.type(),
        weight.addressOf(0),
        weight.rows(),
        weight.columns(),
        input.addressOf(0),
        sums,
        1,
        new Scratch());
    return sums;
  }

  @Test
  void productsAreFinishedInOneCall() {
    int[] turned = IntStream.range(0, 48).map(row -> 47 - row).toArray();
    float[] bias = numbers(new SplittableRandom(8), 48);
    try (Arena arena = Arena.ofConfined();
        Workers alone = new Workers(1)) {
      WeightMatrix weight = RandomWeights.of(WeightType.Q4_K, 48, 256, 1, arena);
      RowGroups groups = RowGroups.of(weight, GroupLayout.Q4_K, inJava(), alone, arena);
      for (int tokens : new int[] {1, 3, 16}) {
        FloatRows inputs = RandomWeights.activations(tokens, 256, 6, arena);
        FloatRows target = FloatRows.allocate(arena, tokens, 48);
        for (Output output :
            List.of(
                new Output(weight, target),
                new Output(weight, bias, null, target, true),
                new Output(weight, new float[48], turned, target, false, 0.5f),
                new Output(weight, bias, turned, target, true, 1.75f))) {
          assertThat(finished(true, groups, inputs, output))
              .containsExactly(finished(false, groups, inputs, output));
        }
      }
    }
  }

  // Rows 16 to 47.
  private static float[] finished(
      boolean atOnce, RowGroups groups, FloatRows inputs, Output output) {
    output.target().memory().fill((byte) 0x3f);
    Scratch own = new Scratch();
    float[] sums = new float[32 * inputs.count()];
    RoundedTokens tokens =
        CompiledProducts.best().orElseThrow().round(groups.layout(), inputs, own);
    if (atOnce) {
      tokens.multiply(inJava(), output, groups, 16, 32, sums, own);
    } else {
      tokens.products(groups, 16, 32, sums, own);
      inJava().finish(output, 16, 32, sums);
    }
    return RandomWeights.values(output.target());
  }

  @ParameterizedTest
  @EnumSource
  void rowsLieSideBySide(GroupLayout layout) {
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(type(layout), 21, 512, 9, arena);
      long bytes = layout.groupBytes(512);
      for (int rows : new int[] {16, 5}) {
        MemorySegment expected = arena.allocate(bytes, 64);
        MemorySegment found = arena.allocate(bytes, 64);
        inJava().pack(weight, layout, 16 - rows + 5, rows, expected.address());
        inC().pack(weight, layout, 16 - rows + 5, rows, found.address());
        assertThat(found.mismatch(expected)).isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void blocksAreDecoded(GroupLayout layout) {
    try (Arena arena = Arena.ofConfined()) {
      WeightMatrix weight = RandomWeights.of(type(layout), 3, 1024, 11, arena);
      for (int count : new int[] {256, 1024}) {
        float[] expected = new float[count + 2];
        float[] found = new float[count + 2];
        inJava().decode(weight.type(), weight.addressOf(2), count, expected, 1);
        inC().decode(weight.type(), weight.addressOf(2), count, found, 1);
        assertThat(found).containsExactly(expected);
      }
    }
  }

  private static WeightType type(GroupLayout layout) {
    return WeightType.valueOf(layout.name());
  }
}
