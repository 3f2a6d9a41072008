package dev.lengthwise.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.io.Sha256;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// The library of kernels in C where it cannot be used; what it computes is in
/// `ProductsKernelTest` and `AttentionKernelsTest`.
class CompiledKernelsTest {

  private static final byte[] TEXT = "no library".getBytes(StandardCharsets.UTF_8);

  @Test
  void aDamagedLibraryIsNotLoaded() {
    CompiledKernels.Loaded loaded = CompiledKernels.load(TEXT, Sha256.of(new byte[0]));
    assertThat(loaded.library()).isEmpty();
    assertThat(loaded.complaint()).hasValueSatisfying(text -> assertThat(text).contains("damaged"));
  }

  @Test
  void aLibraryThatTheSystemRefusesIsLeftOutInWords() {
    CompiledKernels.Loaded loaded = CompiledKernels.load(TEXT, Sha256.of(TEXT) + "\n");
    assertThat(loaded.library()).isEmpty();
    assertThat(loaded.complaint())
        .hasValueSatisfying(text -> assertThat(text).contains("-Djava.io.tmpdir=DIR"));
  }
}
