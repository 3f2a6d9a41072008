package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.Run;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `config explain` on a model whose header declares YaRN.
class ConfigCommandTest {

  private static final String MODEL =
      "../core/src/test/resources/families/hf/gpt_neox-partial-yarn";

  @ParameterizedTest
  @CsvSource({
    "declared,any length",
    "rope,0 tokens", // the frequencies of the header are gone
    "window:window=9,9 tokens" // and here they stay
  })
  void methodsAreComparedWithTheOneThatTheCheckpointDeclares(String method, String length) {
    Run run = Run.of("config", "explain", MODEL, "--method", method);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("declared by the checkpoint: yarn")
        .contains("same as the checkpoint's own method up to: " + length + System.lineSeparator());
  }
}
