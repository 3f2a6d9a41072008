package dev.lengthwise.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A tokenizer file gives the same ids after it became a GGUF vocabulary.
class ToGgufTest {

  @ParameterizedTest
  @CsvSource({
    "tokenizers/llama2/tokenizer.model, llama, 32000",
    "tokenizers/llama2/tokenizer.json, llama, 32000",
    "tokenizers/gpt2/tokenizer.json, gpt2, 50257",
    "models/stories260K/tok512.bin, llama, 512"
  })
  void idsStayTheSame(String file, String model, int size) throws IOException {
    Path path = SharedData.file(file);
    Tokenizer before = Tokenizers.open(path);
    GgufVocabulary vocabulary = Tokenizers.toGguf(path, size + 3);
    Tokenizer after = Tokenizers.fromGguf(vocabulary);

    String novel =
        Files.readString(SharedData.file("texts/litbank/766_david_copperfield.txt"))
                .substring(0, 200_000)
            + "  林黛玉 </s> <0x0A>\n\n\t🙂";
    assertThat(after.encode(novel)).isEqualTo(before.encode(novel));
    assertThat(after.decode(after.encode(novel))).isEqualTo(novel);
    assertThat(after.encodePrompt("Hello")).isEqualTo(before.encodePrompt("Hello"));
    assertThat(after.endOfText()).isEqualTo(before.endOfText());
    assertThat(vocabulary.model()).isEqualTo(model);
    assertThat(vocabulary.tokens()).hasSize(size + 3).endsWith("[PAD" + (size + 2) + "]");
    assertThat(vocabulary.types()).hasSize(size + 3).endsWith(5);
  }

  @Test
  void moreTokensThanRowsAreRefused() {
    Path path = SharedData.file("tokenizers/gpt2/tokenizer.json");
    assertThatThrownBy(() -> Tokenizers.toGguf(path, 50_000))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("50257", "50000");
  }

  @Test
  void anUnknownPatternOfWordsIsRefused() {
    Path path = Path.of("..", "models", "java-5m", "tokenizer.json");
    assertThatThrownBy(() -> Tokenizers.toGguf(path, 4096))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("a pattern of its own");
  }
}
