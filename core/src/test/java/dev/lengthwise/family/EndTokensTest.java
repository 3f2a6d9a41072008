package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndTokensTest {

  @TempDir private Path folder;

  /// Ten tokens, of which 9 ends a text and 5 and 6 are control tokens.
  private static final Tokenizer TOKENIZER =
      new Tokenizer() {
        @Override
        public int vocabularySize() {
          return 10;
        }

        @Override
        public int[] encode(String text) {
          return new int[0];
        }

        @Override
        public byte[] bytes(int id) {
          return new byte[0];
        }

        @Override
        public Map<String, Integer> controlTokens() {
          return Map.of("<|im_start|>", 5, "<|im_end|>", 6);
        }

        @Override
        public OptionalInt beginOfText() {
          return OptionalInt.empty();
        }

        @Override
        public OptionalInt endOfText() {
          return OptionalInt.of(9);
        }

        @Override
        public boolean addsBeginOfText() {
          return false;
        }

        @Override
        public String sha256() {
          return "";
        }

        @Override
        public String name() {
          return "ten";
        }
      };

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
}
