package dev.lengthwise.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The folder of unpacked libraries, filled here by a stand-in for JavaCPP: it trusts what it
/// finds.
class NativeCacheTest {

  private static final String WHOLE = "a whole library";

  @TempDir private Path folder;

  private NativeCache cache;
  private Path library;
  private Path other;

  @BeforeEach
  void name() {
    cache = cache("torch");
    library = folder.resolve("torch-1-linux.jar/lib/libtorch.so");
    other = folder.resolve("foreign-1.jar/libforeign.so");
  }

  private NativeCache cache(String name) {
    return new NativeCache(folder, List.of("torch-1"), folder.resolve(name + ".lengthwise"));
  }

  private void load(NativeCache libraries, Path file) {
    libraries.load(
        () -> unpack(file), () -> unpack(file), () -> Map.of("name", file.toString(), "x", "/x"));
  }

  private static void unpack(Path file) {
    try {
      if (!Files.exists(file)) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, WHOLE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void tear(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "half");
  }

  @Test
  void whatAnEndedStartLeftIsUnpackedAgain() throws IOException {
    tear(library);
    load(cache, library);
    assertThat(library).hasContent(WHOLE);
  }

  @Test
  void whatWasTornLaterIsUnpackedAgain() throws IOException {
    load(cache, library);
    tear(library);
    load(cache, library);
    assertThat(library).hasContent(WHOLE);
  }

  @Test
  void whatIsWholeStays() throws IOException {
    load(cache, library);
    Object before = Files.readAttributes(library, "unix:ino").get("ino");
    load(cache, library);
    assertThat(Files.readAttributes(library, "unix:ino").get("ino")).isEqualTo(before);
  }

  @Test
  void aSecondSetKeepsWhatTheFirstVouchesFor() throws IOException {
    load(cache, library);
    Path gloo = library.resolveSibling("libgloo.so");
    tear(gloo);
    Object before = Files.readAttributes(library, "unix:ino").get("ino");
    load(cache("gloo"), gloo);
    assertThat(gloo).hasContent(WHOLE);
    assertThat(Files.readAttributes(library, "unix:ino").get("ino")).isEqualTo(before);
  }

  @Test
  void aRecordNamesTheLibrariesOfItsFolderWhileTheyAreWhole() throws IOException {
    assertThat(cache.libraries()).isEmpty();
    load(cache, library);
    assertThat(cache.libraries()).containsExactly(Map.entry("name", library));
    tear(library);
    assertThat(cache.libraries()).isEmpty();
  }

  @Test
  void filesOfOthersAreLeftAlone() throws IOException {
    tear(other);
    load(cache, library);
    assertThat(other).hasContent("half");
  }

  @Test
  void aFailureIsASentenceAndTheNextStartBeginsAnew() throws IOException {
    assertThatThrownBy(
            () ->
                cache.load(
                    () -> unpack(library),
                    () -> {
                      unpack(library.resolveSibling("libfirst.so"));
                      throw new UnsatisfiedLinkError("no space left");
                    },
                    Map::of))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("no space left")
        .hasMessageContaining("MB are free")
        .hasMessageContaining(folder.toString());
    tear(library);
    load(cache, library);
    assertThat(library).hasContent(WHOLE);
  }
}
