package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.RowSource;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.checkpoint.gguf.GgufTensor;
import dev.lengthwise.checkpoint.gguf.GgufWriter;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.train.TokenizerTrainer;
import dev.lengthwise.tokenizer.train.TrainedTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
    TrainedTokenizer.ofBytes(List.of("<s>")).writeTo(folder.resolve("tokenizer.json"));
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
    TokenizerTrainer trainer = new TokenizerTrainer();
    trainer.add("abab");
    trainer.train(258, List.of("<s>")).writeTo(folder.resolve("tokenizer.json"));
    assertThat(TokenizerFinder.of(gguf).encode("ab")).hasSize(1);
    assertThat(TokenizerFinder.of(folder).name()).isEqualTo("tokenizer.json");
  }

  /// Converters name the rows that have no token, and give ends of turns any type.
  @Test
  void rowsThatAConverterFilledUpAreNoTokensAndEndsOfTurnsAreControlTokens() {
    Path gguf = folder.resolve("padded.gguf");
    int tokens = 20;
    try (GgufFile file = GgufFile.open(Path.of("src/test/resources/families/gguf/llama-moe.gguf"));
        Workers workers = new Workers(1)) {
      int rows = (int) file.tensor("token_embd.weight").shape()[0];
      List<String> names =
          IntStream.range(0, rows)
              .mapToObj(id -> id < tokens ? String.valueOf((char) ('a' + id)) : "[PAD" + id + "]")
              .collect(Collectors.toCollection(ArrayList::new));
      names.set(5, "<|im_end|>");
      int[] types = new int[rows];
      Arrays.fill(types, 4); // user-defined, as older converters had it
      GgufMetadata metadata =
          file.metadata()
              .putText("tokenizer.ggml.model", "gpt2")
              .putText("tokenizer.ggml.pre", "gpt-2")
              .putTexts("tokenizer.ggml.tokens", names)
              .putWholes("tokenizer.ggml.token_type", types);
      List<GgufTensor> weights =
          file.tensors().values().stream()
              .map(tensor -> new GgufTensor(tensor.name(), tensor.type(), RowSource.of(tensor)))
              .toList();
      new GgufWriter(workers, _ -> {}).write(gguf, metadata, weights);
    }
    try (LoadedModel loaded = Running.load(gguf)) {
      Tokenizer tokenizer = TokenizerFinder.of(loaded);
      assertThat(tokenizer.vocabularySize()).isEqualTo(tokens);
      assertThat(tokenizer.encode("b[PAD30]")).startsWith(1).doesNotContain(30);
      assertThat(EndTokens.of(loaded.checkpoint(), tokenizer)).contains(5);
    }
  }
}
