package dev.lengthwise.tokenizer.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.SharedData;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import dev.lengthwise.tokenizer.train.TokenizerTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @CsvSource({"spm.model, llama", "unigram.model, t5", "hf-pairs/tokenizer.json, gpt2"})
  void smallTokenizersStayTheSame(String file, String model) {
    Path path = Path.of("src/test/resources/tokenizers").resolve(file);
    Tokenizer before = Tokenizers.open(path);
    GgufVocabulary vocabulary = Tokenizers.toGguf(path, before.vocabularySize());
    Tokenizer after = Tokenizers.fromGguf(vocabulary);

    String text = "  I don't,\tyou'll　é 12345  林黛玉 </s> <0x0A>\n\n🙂 ";
    assertThat(vocabulary.model()).isEqualTo(model);
    assertThat(after.encodeWhole(text)).isEqualTo(before.encodeWhole(text));
    assertThat(after.decode(after.encode(text))).isEqualTo(before.decode(before.encode(text)));
  }

  @Test
  void moreTokensThanRowsAreRefused() {
    Path path = SharedData.file("tokenizers/gpt2/tokenizer.json");
    assertThatThrownBy(() -> Tokenizers.toGguf(path, 50_000))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("50257", "50000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "llama-bpe", "gpt-2"})
  void whatIsTrainedHereComesBack(String pre, @TempDir Path folder) {
    String text = "It's 12345 apples, IT'S 12345 pears.\n\n  It's 123 नमस्ते 林黛玉 <|end|>";
    TokenizerTrainer trainer = new TokenizerTrainer(pre);
    trainer.add(text.repeat(3));
    Path file = folder.resolve("tokenizer.json");
    trainer.train(300, List.of("<|begin|>", "<|end|>")).writeTo(file);

    GgufVocabulary vocabulary = Tokenizers.toGguf(file, 300);
    Tokenizer before = Tokenizers.open(file);
    Tokenizer after = Tokenizers.fromGguf(vocabulary);

    assertThat(vocabulary.pre()).isEqualTo(pre);
    assertThat(after.encodePrompt(text)).isEqualTo(before.encodePrompt(text)).startsWith(0);
    assertThat(after.decode(after.encode(text))).isEqualTo(text);
    assertThat(after.endOfText()).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '"',
      value = {
        "starcoder~{'type':'Digits','individual_digits':true}~",
        "gpt-2~~",
        "falcon~{'type':'Punctuation','behavior':'Contiguous'}~"
            + "{'type':'Split','pattern':{'Regex':'[0-9][0-9][0-9]'},'behavior':'Isolated','invert':false}"
      })
  void stepsOfOtherLibrariesHaveANameToo(
      String pre, @Nullable String before, @Nullable String after, @TempDir Path folder)
      throws IOException {
    assertThat(Tokenizers.toGguf(withSteps(folder, before, after), 2).pre()).isEqualTo(pre);
  }

  @Test
  void stepsThatGgufCannotSayAreRefused(@TempDir Path folder) throws IOException {
    String step =
        "{'type':'Split','pattern':{'Regex':' '},'behavior':'MergedWithNext','invert':false}";
    Path file = withSteps(folder, step, null);
    assertThatThrownBy(() -> Tokenizers.toGguf(file, 2))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("MergedWithNext");
  }

  /// A tokenizer of two tokens with steps around that of GPT-2.
  private static Path withSteps(Path folder, @Nullable String before, @Nullable String after)
      throws IOException {
    String gpt2 = "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':false}";
    String steps =
        Stream.of(before, gpt2, after).filter(Objects::nonNull).collect(Collectors.joining(","));
    String json =
        "{'pre_tokenizer':{'type':'Sequence','pretokenizers':["
            + steps
            + "]},'decoder':"
            + gpt2
            + ",'model':{'type':'BPE','vocab':{'a':0,'b':1},'merges':[]}}";
    return Files.writeString(folder.resolve("tokenizer.json"), json.replace('\'', '"'));
  }

  @Test
  void anUnknownPatternOfWordsIsRefused() {
    Path path = Path.of("..", "models", "java-5m", "tokenizer.json");
    assertThatThrownBy(() -> Tokenizers.toGguf(path, 4096))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("a pattern of its own");
  }
}
