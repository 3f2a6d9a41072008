package dev.lengthwise.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Norms of rows of every size, those of single heads included, against their formulas in double
/// precision. Runs at every width of vectors (see core/pom.xml).
class NormKernelTest {

  private static final int[] COLUMNS = {1, 5, 8, 12, 16, 20, 64, 77, 80, 128, 1061};
  private static final int ROWS = 11;
  private static final Workers WORKERS = new Workers(2);
  private static final List<Activations> IMPLEMENTATIONS =
      List.of(
          MatrixProducts.scalar(WORKERS).activations(), new MatrixProducts(WORKERS).activations());

  @AfterAll
  static void end() {
    WORKERS.close();
  }

  private static Normalization rms(double epsilon, @Nullable MemorySegment gain) {
    return new Normalization(Normalization.Kind.RMS, epsilon, gain, null);
  }

  private static Normalization layer(
      double epsilon, @Nullable MemorySegment gain, @Nullable MemorySegment bias) {
    return new Normalization(Normalization.Kind.LAYER, epsilon, gain, bias);
  }

  private static Stream<Normalization> norms(int columns, Arena arena) {
    MemorySegment gain = RandomWeights.activations(1, columns, 3, arena).memory();
    MemorySegment bias = RandomWeights.activations(1, columns, 4, arena).memory();
    return Stream.of(
        rms(1e-5, gain),
        rms(1e-6, null),
        layer(1e-5, gain, bias),
        layer(1e-5, gain, null),
        layer(1e-3, null, bias),
        layer(1e-5, null, null));
  }

  private static double at(@Nullable MemorySegment numbers, int index, double otherwise) {
    return numbers == null ? otherwise : numbers.getAtIndex(Memory.FLOAT, index);
  }

  private static double[] expected(float[] row, Normalization norm) {
    double mean = 0;
    if (norm.kind() == Normalization.Kind.LAYER) {
      for (float x : row) {
        mean += (double) x / row.length;
      }
    }
    double squares = 0;
    for (float x : row) {
      squares += (x - mean) * (x - mean);
    }
    double root = Math.sqrt(squares / row.length + norm.epsilon());
    double[] result = new double[row.length];
    for (int c = 0; c < row.length; c++) {
      result[c] = (row[c] - mean) / root * at(norm.gain(), c, 1) + at(norm.bias(), c, 0);
    }
    return result;
  }

  private static float[] row(FloatRows rows, int row) {
    long offset = (long) row * rows.columns() * Float.BYTES;
    return rows.memory().asSlice(offset, (long) rows.columns() * Float.BYTES).toArray(Memory.FLOAT);
  }

  // Of a difference of numbers of size 1 an error of 10⁻⁶ remains, relative to all terms.
  private static void assertRows(
      FloatRows inputs, Normalization norm, MemorySegment found, boolean bf16, double tolerance) {
    int columns = inputs.columns();
    for (int row = 0; row < inputs.count(); row++) {
      double[] expected = expected(row(inputs, row), norm);
      for (int c = 0; c < columns; c++) {
        long address = found.address() + ((long) row * columns + c) * (bf16 ? 2 : 4);
        double value = bf16 ? Memory.bf16At(address) : Memory.floatAt(address);
        double size = Math.abs(expected[c] - at(norm.bias(), c, 0)) + Math.abs(expected[c]) + 1;
        double allowed = tolerance * size + (bf16 ? Math.abs(expected[c]) * 0x1p-8 : 0);
        if (!(Math.abs(value - expected[c]) <= allowed)) {
          fail("%s of %d: %s, expected %s".formatted(norm, columns, value, expected[c]));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void normsEqualTheirFormulas(boolean bf16) {
    for (int columns : COLUMNS) {
      try (Arena arena = Arena.ofConfined()) {
        FloatRows rows = RandomWeights.activations(ROWS, columns, columns, arena);
        norms(columns, arena)
            .forEach(
                norm ->
                    IMPLEMENTATIONS.forEach(
                        activations -> {
                          MemorySegment found = arena.allocate(rows.memory().byteSize(), 64);
                          activations.norm(rows, norm, found, bf16);
                          assertRows(rows, norm, found, bf16, 2e-6);
                        }));
      }
    }
  }

  @Test
  void normsInPlaceAreThoseIntoOtherMemory() {
    for (int columns : COLUMNS) {
      try (Arena arena = Arena.ofConfined()) {
        norms(columns, arena)
            .forEach(
                norm ->
                    IMPLEMENTATIONS.forEach(
                        activations -> {
                          FloatRows rows = RandomWeights.activations(ROWS, columns, 7, arena);
                          FloatRows target = FloatRows.allocate(arena, ROWS, columns);
                          activations.norm(rows, norm, target);
                          activations.norm(rows, norm, rows);
                          assertThat(RandomWeights.values(rows))
                              .containsExactly(RandomWeights.values(target));
                        }));
      }
    }
  }

  @Test
  void layerNormOfOneToFourIsThatByHand() {
    try (Arena arena = Arena.ofConfined()) {
      FloatRows rows = FloatRows.allocate(arena, 1, 4);
      for (int c = 0; c < 4; c++) {
        rows.memory().setAtIndex(Memory.FLOAT, c, c + 1);
      }
      for (Activations activations : IMPLEMENTATIONS) {
        FloatRows target = FloatRows.allocate(arena, 1, 4);
        activations.norm(rows, layer(0, null, null), target);
        // Mean 2.5 and variance 1.25, not divided by one less.
        assertThat(RandomWeights.values(target)[0])
            .isEqualTo((float) (-1.5 / Math.sqrt(1.25)), within(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 80, 4100})
  void aLargeMeanCostsNoAccuracy(int columns) {
    try (Arena arena = Arena.ofConfined()) {
      FloatRows rows = RandomWeights.activations(ROWS, columns, 9, arena);
      for (int i = 0; i < ROWS * columns; i++) {
        float x = rows.memory().getAtIndex(Memory.FLOAT, i);
        rows.memory().setAtIndex(Memory.FLOAT, i, 10_000 + x);
      }
      for (Activations activations : IMPLEMENTATIONS) {
        FloatRows target = FloatRows.allocate(arena, ROWS, columns);
        activations.norm(rows, layer(1e-5, null, null), target);
        assertRows(rows, layer(1e-5, null, null), target.memory(), false, 2e-6);
      }
    }
  }

  @Test
  void normsThatDoNotFitAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      FloatRows rows = RandomWeights.activations(2, 8, 1, arena);
      MemorySegment small = arena.allocate(31, 4);
      Activations activations = IMPLEMENTATIONS.getLast();
      for (Normalization norm :
          List.of(rms(1e-5, small), layer(1e-5, small, null), layer(1e-5, null, small))) {
        assertThatThrownBy(() -> activations.norm(rows, norm, rows))
            .hasMessageContaining("do not fit");
      }
      assertThatThrownBy(() -> new Normalization(Normalization.Kind.RMS, 1e-5, null, small))
          .hasMessageContaining("no bias");
      assertThatThrownBy(() -> rms(Double.NaN, null)).hasMessageContaining("epsilon");
    }
  }
}
