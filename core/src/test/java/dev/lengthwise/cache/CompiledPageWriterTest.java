package dev.lengthwise.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.HeadRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is compiled from C writes the bits of the definition.
class CompiledPageWriterTest {

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void keysAndValuesAreThoseOfTheDefinition(CacheType type) {
    CompiledPageWriter compiled = CompiledPageWriter.best().orElse(null);
    assumeTrue(compiled != null, "no kernels in C");
    for (PageLayout.Kind kind : PageLayout.Kind.values()) {
      for (int size : new int[] {1, 10, 64}) {
        assertSame(compiled, new PageLayout(kind, type, 3, size));
      }
    }
  }

  // Heads 1 and 2 of three, of the last of four tokens; now and then turned.
  private static void assertSame(CompiledPageWriter compiled, PageLayout layout) {
    SplittableRandom random = new SplittableRandom(5);
    int size = layout.size();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment expected = arena.allocate(3 * layout.headBytes(), 64);
      MemorySegment found = arena.allocate(3 * layout.headBytes(), 64);
      for (int token = 0; token < PageLayout.KEYS; token += 9) {
        MemorySegment memory = arena.allocate(4L * 3 * size * Float.BYTES, 4);
        for (int n = 0; n < 4 * 3 * size; n++) {
          memory.setAtIndex(ValueLayout.JAVA_FLOAT, n, (float) random.nextGaussian());
        }
        float odd = token == 9 ? Float.NaN : Float.MAX_VALUE; // rounds to infinity
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, (3L * 3 + 2) * size, odd);
        HeadRows rows = HeadRows.contiguous(memory, 1, 4, 3, size);
        float[] phases = token % 2 == 0 ? null : phases(size / 3, random);
        compiled.write(layout, found, 1, 2, token, rows, 3, phases);
        for (int head = 1; head < 3; head++) {
          float[] vector = new float[size];
          rows.read(0, head, 3, 1, vector, 0);
          if (phases != null) {
            PageWriter.turn(vector, 0, phases, token, phases.length / (2 * PageLayout.KEYS));
          }
          PageWriter.write(layout, expected, head, token, vector, 0);
        }
      }
      assertThat(found.mismatch(expected)).as("%s", layout).isEqualTo(-1);
    }
  }

  private static float[] phases(int pairs, SplittableRandom random) {
    float[] phases = new float[PageLayout.KEYS * 2 * pairs];
    for (int n = 0; n < phases.length; n++) {
      phases[n] = (float) random.nextDouble(-1, 1);
    }
    return phases;
  }
}
