package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.tokenizer.ListTokenizer;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndTokensTest {

  @TempDir private Path folder;

  private static final Tokenizer TOKENIZER = tokenizer(Map.of("<|im_start|>", 5, "<|im_end|>", 6));

  /// Ten tokens, of which 9 ends a text.
  private static Tokenizer tokenizer(Map<String, Integer> controls) {
    return new ListTokenizer(Collections.nCopies(9, new byte[0]), controls);
  }

  private Checkpoint checkpoint(String format, String json) throws IOException {
    Path file = Files.writeString(folder.resolve("header.json"), json);
    return new MemoryCheckpoint(folder, format, JsonObjects.readPythonObject(file), Map.of());
  }

  @Test
  void theTokenizersEndAndTheEndsOfTurnsCount() throws IOException {
    assertThat(EndTokens.of(checkpoint("safetensors", "{}"), TOKENIZER)).containsExactly(6, 9);
  }

  @Test
  void bothConfigurationsMayListSeveral() throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [3, 4]}");
    assertThat(EndTokens.of(checkpoint("safetensors", "{\"eos_token_id\": [1, 2, 77]}"), TOKENIZER))
        .containsExactly(1, 2, 3, 4, 6, 9);
  }

  @Test
  void ggufHasKeysForTurnsAndMessages() throws IOException {
    String header = "{\"tokenizer.ggml.eot_token_id\": 7, \"tokenizer.ggml.eom_token_id\": 8}";
    assertThat(EndTokens.of(checkpoint("gguf", header), TOKENIZER)).containsExactly(6, 7, 8, 9);
  }

  /// GPT-OSS thinks before it answers, and ends its thoughts with `<|end|>`.
  @Test
  void theEndOfAPartIsNoEndWhereAnotherTokenEndsTheMessage() throws IOException {
    Checkpoint any = checkpoint("safetensors", "{}");
    Map<String, Integer> phi = Map.of("<|end|>", 3);
    assertThat(EndTokens.of(any, tokenizer(phi))).containsExactly(3, 9);
    Map<String, Integer> harmony = Map.of("<|end|>", 3, "<|return|>", 4, "<|call|>", 5);
    assertThat(EndTokens.of(any, tokenizer(harmony))).containsExactly(4, 5, 9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"5\"", "5.5", "[1, null, [\"x\"]]", "{}", "true"})
  void whatIsNoIdIsRefused(String value) throws IOException {
    Checkpoint wrong = checkpoint("safetensors", "{\"eos_token_id\": " + value + "}");
    assertThatThrownBy(() -> EndTokens.of(wrong, TOKENIZER))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("eos_token_id", "list of ids");
    Files.writeString(
        folder.resolve("generation_config.json"), "{\"eos_token_id\": " + value + "}");
    Checkpoint right = checkpoint("safetensors", "{\"eos_token_id\": null}");
    assertThatThrownBy(() -> EndTokens.of(right, TOKENIZER))
        .hasMessageContaining("generation_config.json");
  }
}
