package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.train.TokenizerTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFinderTest {

  @TempDir Path folder;

  private final TinyModel model = new TinyModel(3, true, false);

  @Test
  void missingTokenizerNamesWhatWasLookedFor() {
    try (LoadedModel loaded = Running.load(model.writeLlama2c(folder.resolve("a.bin")))) {
      assertThatThrownBy(() -> TokenizerFinder.of(loaded))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("tokenizer.json", "tokenizer.model", "tok11.bin", "*.model");
    }
  }

  @Test
  void tokenizerOfAnotherModelIsRefused() {
    TokenizerTrainer.train(List.of("abab"), 257, List.of("<s>"))
        .writeTo(folder.resolve("tokenizer.json"));
    try (LoadedModel loaded = Running.load(model.writeLlama2c(folder.resolve("a.bin")))) {
      assertThatThrownBy(() -> TokenizerFinder.of(loaded))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("257", "11");
    }
  }

  @Test
  void llamaTwoTokenizerIsFoundByItsVocabularyOrBeingAlone() throws IOException {
    Path weights = SharedData.file("models/stories260K/stories260K.bin");
    Files.copy(weights, folder.resolve("w.bin"));
    try (LoadedModel loaded = Running.load(folder.resolve("w.bin"))) {
      Files.copy(
          SharedData.file("models/babyllama-105/tok105.model"), folder.resolve("other.model"));
      assertThat(TokenizerFinder.of(loaded).name()).isEqualTo("other.model");
      Files.copy(weights.resolveSibling("tok512.bin"), folder.resolve("tok512.bin"));
      assertThat(TokenizerFinder.of(loaded).name()).isEqualTo("tok512.bin");
    }
  }

  @Test
  void llamaThreeFilesBeginTextsWithoutTheKey() {
    for (String file : List.of("no-key.gguf", "with-key.gguf")) {
      Path path = SharedData.file("cases/03-gguf-llama-bpe-bos/" + file);
      try (LoadedModel loaded = Running.load(path)) {
        assertThat(TokenizerFinder.of(loaded).encodePrompt("Hi"))
            .as(file)
            .containsExactly(256, 72, 105);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3", "pre-deepseek-r1-qwen", "pre-smollm"})
  void everyNameOfLlamaCppIsRead(String name) {
    Path path = SharedData.file("cases/19-pre-tokenizer-names/g-" + name + ".gguf");
    try (LoadedModel loaded = Running.load(path)) {
      assertThat(TokenizerFinder.of(loaded).encode("Hi")).containsExactly(72, 105);
    }
  }

  @Test
  void aGgufFileWithoutVocabularySaysSoAndTakesTheTokenizerBesideIt() throws IOException {
    Path gguf = folder.resolve("a.gguf");
    Files.copy(Path.of("src/test/resources/families/gguf/llama-moe.gguf"), gguf);
    try (LoadedModel loaded = Running.load(gguf)) {
      assertThatThrownBy(() -> TokenizerFinder.of(loaded))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("a.gguf", "no_vocab", "copy it there");
    }
    TokenizerTrainer.train(List.of("abab"), 258, List.of("<s>"))
        .writeTo(folder.resolve("tokenizer.json"));
    assertThat(TokenizerFinder.of(gguf).encode("ab")).hasSize(1);
    assertThat(TokenizerFinder.of(folder).name()).isEqualTo("tokenizer.json");
  }
}
