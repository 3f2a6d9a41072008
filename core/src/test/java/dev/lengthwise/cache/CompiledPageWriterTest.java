package dev.lengthwise.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lengthwise.attention.CacheType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

  private static void assertSame(CompiledPageWriter compiled, PageLayout layout) {
    SplittableRandom random = new SplittableRandom(5);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment expected = arena.allocate(3 * layout.headBytes(), 64);
      MemorySegment found = arena.allocate(3 * layout.headBytes(), 64);
      for (int token = 0; token < PageLayout.KEYS; token += 9) {
        float[] vector = new float[layout.size() + 2];
        for (int n = 0; n < vector.length; n++) {
          vector[n] = (float) random.nextGaussian();
        }
        vector[2] = token == 9 ? Float.NaN : Float.MAX_VALUE; // rounds to infinity
        PageWriter.writeInJava(layout, expected, 1, token, vector, 2);
        compiled.write(layout, found, 1, token, vector, 2);
      }
      assertThat(found.mismatch(expected)).as("%s", layout).isEqualTo(-1);
    }
  }
}
