package dev.lengthwise.tokenizer.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedLibraryTest {

  @TempDir private Path folder;

  private Path library(String own, int bytes) throws IOException {
    Path inside = Files.createDirectory(folder.resolve(own));
    return Files.write(inside.resolve("libx.so"), new byte[bytes]);
  }

  @Test
  void halfALibraryIsDeletedWithItsFolder() throws IOException {
    Path torn = library("1.0-cpu-linux", 5);
    Path ofAnotherVersion = library("0.9-cpu-linux", 5);
    new UnpackedLibrary(folder, "1.0-", "-linux", "libx.so", 10).deleteTorn();
    assertThat(torn.getParent()).doesNotExist();
    assertThat(ofAnotherVersion).exists();
  }

  @Test
  void aWholeLibraryStays() throws IOException {
    Path whole = library("1.0-cpu-linux", 10);
    new UnpackedLibrary(folder, "1.0-", "-linux", "libx.so", 10).deleteTorn();
    assertThat(whole).exists();
  }

  @Test
  void theLibraryOfThisPlatformIsInTheJar() {
    UnpackedLibrary here = UnpackedLibrary.here();
    assertThat(here.bytes()).isGreaterThan(1_000_000);
    assertThat(here.version()).matches("[\\d.]+-[\\d.]+-");
  }

  @Test
  void nothingUnpackedIsNothingTorn() {
    new UnpackedLibrary(folder.resolve("absent"), "1.0-", "-linux", "libx.so", 10).deleteTorn();
    assertThat(folder).isEmptyDirectory();
  }
}
