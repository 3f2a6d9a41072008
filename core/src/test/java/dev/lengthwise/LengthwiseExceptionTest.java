package dev.lengthwise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LengthwiseExceptionTest {

  /// A damaged tokenizer.json with a whole vocabulary in place of an id was quoted whole.
  @Test
  void aSentenceKeepsItsBeginAndItsEnd() {
    String value = "x".repeat(1_000_000);
    assertThat(new LengthwiseException("File a.json has the id " + value + "; fetch it again."))
        .message()
        .hasSizeLessThan(3_000)
        .startsWith("File a.json has the id xxx")
        .contains("characters) … xxx")
        .endsWith("; fetch it again.");
    String usual = "y".repeat(3_000);
    assertThat(new LengthwiseException(usual, new IllegalStateException())).hasMessage(usual);
  }
}
