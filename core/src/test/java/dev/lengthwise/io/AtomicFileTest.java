package dev.lengthwise.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
