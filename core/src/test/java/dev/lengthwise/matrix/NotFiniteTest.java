package dev.lengthwise.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NotFiniteTest {

  private static final int TRIALS = 300;

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void findsWhatDecodesToNoNumberAndNothingElse(WeightType type) {
    Random random = new Random(1);
    int found = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      // An odd number, so that groups of four have a rest.
      int count = type.blockSize() == 1 ? 1 + random.nextInt(40) : 3 * type.blockSize();
      boolean expected = check(type, count, random);
      found += expected ? 1 : 0;
    }
    assertThat(found).isBetween(1, TRIALS - 1);
  }

  // Random bytes in every block: some exponents are all ones.
  private static boolean check(WeightType type, int count, Random random) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = new byte[(int) type.bytes(count)];
      random.nextBytes(bytes);
      MemorySegment data = arena.allocate(bytes.length, Long.BYTES);
      MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
      float[] decoded = new float[count];
      new ScalarMatrixKernels().decode(type, data.address(), count, decoded, 0);
      boolean expected = false;
      for (float value : decoded) {
        expected |= !Float.isFinite(value);
      }
      float actual = NotFinite.find(type, data.address(), count);
      assertThat(actual != 0).as("%s, %d weights", type, count).isEqualTo(expected);
      float ofKernels = MatrixKernels.best().notFinite(type, data.address(), count);
      assertThat(Float.floatToIntBits(ofKernels)).isEqualTo(Float.floatToIntBits(actual));
      return expected;
    }
  }
}
