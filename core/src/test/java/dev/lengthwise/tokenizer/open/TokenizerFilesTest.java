package dev.lengthwise.tokenizer.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.gguf.GgufFiles;
import dev.lengthwise.tokenizer.gguf.GgufVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerFilesTest {

  private static final Path FIXTURES = Path.of("src/test/resources/tokenizers");

  @TempDir private Path folder;

  private static JsonNode texts() throws IOException {
    return new ObjectMapper().readTree(FIXTURES.resolve("texts.json").toFile());
  }

  private static void assertSame(Tokenizer found, Tokenizer expected) throws IOException {
    for (JsonNode text : texts()) {
      assertThat(found.encodeWhole(text.asText())).isEqualTo(expected.encodeWhole(text.asText()));
      int[] ids = expected.encode(text.asText());
      assertThat(found.decode(ids)).isEqualTo(expected.decode(ids));
    }
    assertThat(found.vocabularySize()).isEqualTo(expected.vocabularySize());
    assertThat(found.beginOfText()).isEqualTo(expected.beginOfText());
    assertThat(found.endOfText()).isEqualTo(expected.endOfText());
    assertThat(found.controlTokens()).isEqualTo(expected.controlTokens());
  }

  @ParameterizedTest
  @CsvSource({
    "spm.model,               tokenizer.model",
    "spm.gguf,                tokenizer.model",
    "unigram.model,           tokenizer.model",
    "unigram.gguf,            tokenizer.model",
    "hf-pairs,                tokenizer.json",
    "hf-unigram/tokenizer.json, tokenizer.json"
  })
  void aCopyGivesTheSameIds(String from, String name) throws IOException {
    TokenizerFiles.copy(FIXTURES.resolve(from), folder);

    Path copy = TokenizerFiles.in(folder).orElseThrow();
    assertThat(copy).isEqualTo(folder.resolve(name));
    assertSame(Tokenizers.open(copy), TokenizerFinder.of(FIXTURES.resolve(from)));
  }

  @Test
  void bytePairsOfAGgufFileBecomeATokenizerJson() throws IOException {
    Path json = FIXTURES.resolve("hf-pairs/tokenizer.json");
    GgufVocabulary gguf = Tokenizers.toGguf(json, Tokenizers.open(json).vocabularySize());
    for (Map.Entry<String, byte[]> file : GgufFiles.of(gguf).entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    assertSame(Tokenizers.open(TokenizerFiles.in(folder).orElseThrow()), Tokenizers.fromGguf(gguf));
    assertSame(Tokenizers.open(folder.resolve("tokenizer.json")), Tokenizers.open(json));
  }

  @Test
  void aFolderWithoutATokenizerIsRefused() {
    assertThatThrownBy(() -> TokenizerFiles.copy(folder, folder.resolve("data")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("none of tokenizer.json, tokenizer.model");
  }
}
