package dev.lengthwise.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyFileTest {

  @TempDir Path folder;

  private Path written(String type, int rows) {
    Path file = folder.resolve("matrix.npy");
    AtomicFile.write(
        file,
        channel -> {
          NpyWriter writer = new NpyWriter(channel, type, rows, 3);
          for (int row = 0; row < rows; row++) {
            writer.row(new float[] {row, row + 0.5f, -row});
          }
        });
    return file;
  }

  @Test
  void whatIsWrittenIsReadBack() {
    try (Arena arena = Arena.ofConfined()) {
      NpyFile read = NpyFile.map(written("<f4", 2), arena);
      assertThat(read.rows()).isEqualTo(2);
      assertThat(read.columns()).isEqualTo(3);
      assertThat(read.numbers().toArray(ValueLayout.JAVA_FLOAT))
          .containsExactly(0, 0.5f, 0, 1, 1.5f, -1);
    }
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path file = written("<f4", 2);
    byte[] whole = Files.readAllBytes(file);
    assertRefused(Files.write(file, Arrays.copyOf(whole, whole.length - 1)), "151 bytes");
    assertRefused(Files.write(file, Arrays.copyOf(whole, 20)), "20 bytes");
    assertRefused(Files.writeString(file, "no matrix at all"), "is no .npy");
    assertRefused(written("<f8", 1), "holds <f8", "embed --type F32");
  }

  private static void assertRefused(Path file, String... parts) {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> NpyFile.map(file, arena))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll(parts);
    }
  }
}
