package dev.lengthwise.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    cache.load(() -> unpack(library));
    assertThat(library).hasContent(WHOLE);
  }

  @Test
  void whatWasTornLaterIsUnpackedAgain() throws IOException {
    cache.load(() -> unpack(library));
    tear(library);
    cache.load(() -> unpack(library));
    assertThat(library).hasContent(WHOLE);
  }

  @Test
  void whatIsWholeStays() throws IOException {
    cache.load(() -> unpack(library));
    Object before = Files.readAttributes(library, "unix:ino").get("ino");
    cache.load(() -> unpack(library));
    assertThat(Files.readAttributes(library, "unix:ino").get("ino")).isEqualTo(before);
  }

  @Test
  void aSecondSetKeepsWhatTheFirstVouchesFor() throws IOException {
    cache.load(() -> unpack(library));
    Path gloo = library.resolveSibling("libgloo.so");
    tear(gloo);
    Object before = Files.readAttributes(library, "unix:ino").get("ino");
    cache("gloo").load(() -> unpack(gloo));
    assertThat(gloo).hasContent(WHOLE);
    assertThat(Files.readAttributes(library, "unix:ino").get("ino")).isEqualTo(before);
  }

  @Test
  void filesOfOthersAreLeftAlone() throws IOException {
    tear(other);
    cache.load(() -> unpack(library));
    assertThat(other).hasContent("half");
  }

  @Test
  void aFailureIsASentenceAndTheNextStartBeginsAnew() throws IOException {
    assertThatThrownBy(
            () ->
                cache.load(
                    () -> {
                      unpack(library.resolveSibling("libfirst.so"));
                      throw new UnsatisfiedLinkError("no space left");
                    }))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("no space left")
        .hasMessageContaining("MB are free")
        .hasMessageContaining(folder.toString());
    tear(library);
    cache.load(() -> unpack(library));
    assertThat(library).hasContent(WHOLE);
  }
}
