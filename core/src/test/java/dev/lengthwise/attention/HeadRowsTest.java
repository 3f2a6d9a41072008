package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class HeadRowsTest {

  private static final int BATCH = 2;
  private static final int ROWS = 3;
  private static final int HEADS = 2;
  private static final int SIZE = 4;

  // Each float is its own index.
  private static MemorySegment numbers(Arena arena) {
    int count = BATCH * ROWS * HEADS * SIZE;
    MemorySegment memory = arena.allocate((long) count * Float.BYTES, Float.BYTES);
    for (int at = 0; at < count; at++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, at, at);
    }
    return memory;
  }

  private static float first(HeadRows rows, int batch, int head, int row) {
    float[] read = new float[SIZE];
    rows.read(batch, head, row, 1, read, 0);
    return read[0];
  }

  @Test
  void rowsOfHeadsLieOneAfterTheOther() {
    try (Arena arena = Arena.ofConfined()) {
      HeadRows rows = HeadRows.contiguous(numbers(arena), BATCH, ROWS, HEADS, SIZE);
      assertThat(first(rows, 0, 0, 0)).isZero();
      assertThat(first(rows, 1, 1, 2)).isEqualTo(((1 * ROWS + 2) * HEADS + 1) * SIZE);
      rows.write(1, 0, 1, new float[] {-1, -2, -3, -4}, 0);
      assertThat(first(rows, 1, 0, 1)).isEqualTo(-1);
    }
  }

  @Test
  void textsAndRowsChangePlaces() {
    try (Arena arena = Arena.ofConfined()) {
      HeadRows rows = HeadRows.contiguous(numbers(arena), BATCH, ROWS, HEADS, SIZE);
      HeadRows other = rows.transposed();
      assertThat(other.batch()).isEqualTo(ROWS);
      assertThat(other.rows()).isEqualTo(BATCH);
      assertThat(first(other, 2, 1, 1)).isEqualTo(first(rows, 1, 1, 2));
    }
  }

  @Test
  void someRowsOfEveryText() {
    try (Arena arena = Arena.ofConfined()) {
      HeadRows rows = HeadRows.contiguous(numbers(arena), BATCH, ROWS, HEADS, SIZE);
      HeadRows last = rows.narrow(1, 2);
      assertThat(last.rows()).isEqualTo(2);
      assertThat(first(last, 1, 1, 0)).isEqualTo(first(rows, 1, 1, 1));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> rows.narrow(1, 3));
    }
  }

  @Test
  void memoryThatIsTooSmallIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = numbers(arena);
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> HeadRows.contiguous(memory, BATCH, ROWS + 1, HEADS, SIZE));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new HeadRows(memory, 1, 2, HEADS, SIZE, 0, 41, SIZE))
          .withMessageContaining("do not fit");
    }
  }
}
