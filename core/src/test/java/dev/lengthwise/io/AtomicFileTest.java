package dev.lengthwise.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileTest {

  @TempDir Path folder;

  @Test
  void replacesAnOlderFileAndCreatesTheFolder() throws IOException {
    Path file = folder.resolve("new/result.txt");
    AtomicFile.writeText(file, writer -> writer.write("old"));
    AtomicFile.writeText(file, writer -> writer.write("né"));
    assertThat(file).hasContent("né");
    assertThat(names(file)).containsExactly("result.txt");
  }

  @Test
  void aFailureLeavesTheOlderFileAndNothingElse() throws IOException {
    Path file = folder.resolve("result.txt");
    AtomicFile.writeText(file, writer -> writer.write("old"));
    assertThatThrownBy(
            () ->
                AtomicFile.writeText(
                    file,
                    writer -> {
                      writer.write("half");
                      throw new IOException("no space");
                    }))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("result.txt")
        .hasMessageContaining("no space");
    assertThat(file).hasContent("old");
    assertThat(names(file)).containsExactly("result.txt");
  }

  @Test
  void bytesNeedAFolderThatExists() {
    assertThatThrownBy(() -> AtomicFile.write(folder.resolve("no/x"), _ -> {}))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("its folder does not exist");
  }

  /// A device in `/dev` would be put to the test too, and lost by a fault.
  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void aPipeIsWrittenIntoAndStays() throws Exception {
    Path pipe = folder.resolve("pipe");
    assumeTrue(hasMadePipe(pipe));
    AtomicReference<String> read = new AtomicReference<>("");
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    read.set(Files.readString(pipe));
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });

    AtomicFile.writeText(pipe, writer -> writer.write("text"));

    reader.join(Duration.ofSeconds(20));
    assertThat(read.get()).isEqualTo("text");
    assertThat(Files.isRegularFile(pipe)).isFalse();
    assertThat(names(pipe)).containsExactly("pipe");
  }

  private static boolean hasMadePipe(Path pipe) throws InterruptedException {
    try {
      return new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  @Test
  void aFolderIsNamedAsTheReason() {
    assertThatThrownBy(() -> AtomicFile.writeText(folder, writer -> writer.write("x")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("is a folder");
  }

  private static List<String> names(Path file) throws IOException {
    try (Stream<Path> files = Files.list(file.resolveSibling("."))) {
      return files.map(Path::getFileName).map(Path::toString).toList();
    }
  }
}
