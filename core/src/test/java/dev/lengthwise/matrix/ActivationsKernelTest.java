package dev.lengthwise.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Passes over activations equal their scalar twins, at awkward sizes. Runs at every width of
/// vectors (see core/pom.xml).
class ActivationsKernelTest {

  private static final int[] COLUMNS = {1, 5, 16, 77, 2048};
  private static final int ROWS = 11;
  private static final Workers WORKERS = new Workers(2);
  private static final Activations SCALAR = MatrixProducts.scalar(WORKERS).activations();
  private static final Activations BEST = new MatrixProducts(WORKERS).activations();

  @AfterAll
  static void end() {
    WORKERS.close();
  }

  // Rows as they are, or rounded to bf16.
  private static MemorySegment typed(FloatRows rows, boolean bf16, Arena arena) {
    if (!bf16) {
      return rows.memory();
    }
    MemorySegment halves = arena.allocate((long) rows.count() * rows.columns() * 2, 64);
    SCALAR.narrow(rows, halves);
    return halves;
  }

  private static float[] values(MemorySegment memory, int count, boolean bf16) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      long address = memory.address() + (long) i * (bf16 ? 2 : 4);
      values[i] = bf16 ? Memory.bf16At(address) : Memory.floatAt(address);
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void productsAreStoredAndAddedInTheirColumns(boolean bf16) {
    try (Arena arena = Arena.ofConfined()) {
      for (int columns : COLUMNS) {
        FloatRows rows = RandomWeights.activations(ROWS, columns, columns, arena);
        MemorySegment products = typed(rows, bf16, arena);
        FloatRows expected = RandomWeights.activations(ROWS, columns + 3, 5, arena);
        FloatRows found = RandomWeights.activations(ROWS, columns + 3, 5, arena);
        Activations.Block block = new Activations.Block(ROWS, columns + 3, 1, columns);
        for (float factor : new float[] {0.22f, 1}) {
          for (boolean add : new boolean[] {true, false, true}) {
            SCALAR.store(products, bf16, block, expected, add, factor);
            BEST.store(products, bf16, block, found, add, factor);
            assertThat(RandomWeights.values(found)).containsExactly(RandomWeights.values(expected));
          }
          float[] given = values(products, ROWS * columns, bf16);
          float stored = factor * given[columns];
          assertThat(RandomWeights.values(found)[columns + 3 + 1]).isEqualTo(2 * stored);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 33, 65})
  void roundingInMemoryIsThatOfArrays(int columns) {
    try (Arena arena = Arena.ofConfined()) {
      FloatRows rows = RandomWeights.activations(3, columns, 1, arena);
      rows.memory().setAtIndex(Memory.FLOAT, 0, Float.NaN);
      rows.memory().setAtIndex(Memory.FLOAT, columns, Float.MAX_VALUE);
      MemorySegment expected = arena.allocate(3L * columns * 2, 2);
      MemorySegment found = arena.allocate(3L * columns * 2, 2);
      new ScalarMatrixKernels().narrow(RandomWeights.values(rows), 3 * columns, expected.address());
      BEST.narrow(rows, found);
      assertThat(found.mismatch(expected)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sizesThatDoNotFitAreRefused(boolean bf16) {
    try (Arena arena = Arena.ofConfined()) {
      FloatRows rows = RandomWeights.activations(2, 8, 1, arena);
      MemorySegment small = arena.allocate(bf16 ? 31 : 63, 4);
      assertThatThrownBy(
              () ->
                  BEST.norm(
                      rows,
                      new Normalization(Normalization.Kind.RMS, 1e-5, null, null),
                      small,
                      bf16))
          .hasMessageContaining("do not fit");
      Activations.Block wider = new Activations.Block(2, 9, 0, 8);
      assertThatThrownBy(() -> BEST.store(rows.memory(), bf16, wider, rows, false, 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new Activations.Block(1, 3, 2, 2))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
