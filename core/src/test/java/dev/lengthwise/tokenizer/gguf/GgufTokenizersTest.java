package dev.lengthwise.tokenizer.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.tokenizer.SharedData;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTokenizersTest {

  private static final GgufVocabulary.Source SOURCE =
      new GgufVocabulary.Source("tiny.gguf", () -> "");
  private static final String FOLDER = "tokenizers/gguf-vocab/ggml-vocab-";

  @ParameterizedTest
  @ValueSource(strings = {"llama-spm", "phi-3", "gpt-2", "falcon", "mpt"})
  void idsEqualTheReference(String name) throws IOException {
    Tokenizer tokenizer = open(name);
    List<String> texts =
        List.of(
            Files.readString(SharedData.file(FOLDER + name + ".gguf.inp"))
                .split("\n__ggml_vocab_test__\n", -1));
    List<String> ids =
        List.of(Files.readString(SharedData.file(FOLDER + name + ".gguf.out")).split("\n", -1));
    assertThat(texts).hasSizeGreaterThan(40);
    for (int i = 0; i < texts.size(); i++) {
      int[] expected =
          Arrays.stream(ids.get(i).trim().split(" "))
              .filter(id -> !id.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      assertThat(tokenizer.encode(texts.get(i))).as("text %d", i).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-spm", "phi-3", "gpt-2", "falcon", "mpt"})
  void chaptersComeBackUnchanged(String name) throws IOException {
    Tokenizer tokenizer = open(name);
    String chapters =
        Files.readString(SharedData.file("texts/litbank/6593_history_of_tom_jones_a_foundling.txt"))
            .substring(0, 150_000);
    assertThat(tokenizer.decode(tokenizer.encode(chapters))).isEqualTo(chapters);
  }

  @Test
  void sentencePieceModelAndGgufOfLlamaAgree() throws IOException {
    Tokenizer model = Tokenizers.open(SharedData.file("tokenizers/llama2/tokenizer.model"));
    Tokenizer gguf = open("llama-spm");
    String novel =
        Files.readString(SharedData.file("texts/litbank/766_david_copperfield.txt")) + "林黛玉 </s>";
    assertThat(model.encode(novel)).isEqualTo(gguf.encode(novel));
    assertThat(gguf.encodePrompt("Hello world")).containsExactly(1, 15043, 3186);
    assertThat(gguf.encode("</s><0x0A>")).doesNotContain(2, 13);
    assertThat(model.encodePrompt("Hello world")).containsExactly(1, 15043, 3186);
    assertThat(model.endOfText()).hasValue(2);
    assertThat(gguf.endOfText()).hasValue(2);
  }

  @Test
  void userDefinedTokensAreFoundInTexts() {
    Tokenizer mpt = open("mpt");
    assertThat(mpt.encode(" ".repeat(24))).hasSize(1);
    assertThat(mpt.bytes(mpt.encode(" ".repeat(24))[0])).hasSize(24);
    assertThat(open("phi-3").encode("a</s>b")).contains(2);
  }

  @Test
  void damagedVocabulariesAreClearErrors() {
    String[] tokens = {"a", "b"};
    float[] scores = {0, 0};
    assertError(gguf("other", "", tokens, scores, new int[0], -1), "llama, t5, gpt2, gemma4 and bert");
    assertError(gguf("llama", "", new String[0], scores, new int[0], -1), "tokens");
    assertError(gguf("llama", "", tokens, new float[1], new int[0], -1), "scores");
    assertError(gguf("llama", "", tokens, scores, new int[1], -1), "token_type");
    assertError(gguf("llama", "", tokens, scores, new int[0], 2), "bos_token_id");
    assertError(gguf("gpt2", "unheard-of", tokens, scores, new int[0], 0), "llama-bpe");
    GgufVocabulary wrongMerge =
        new GgufVocabulary(
            "gpt2",
            "",
            tokens,
            scores,
            new int[0],
            new String[] {"a c"},
            GgufVocabulary.Marks.NONE,
            GgufVocabulary.Spaces.prefix(false),
            SOURCE);
    assertError(wrongMerge, "tiny.gguf");
  }

  @Test
  void wordPiecesAreThoseOfTheSameListInAFile() throws IOException {
    Path lines = Path.of("src/test/resources/families/sentences/mean/vocab.txt");
    String[] tokens =
        Files.readAllLines(lines).stream()
            .map(
                piece ->
                    piece.startsWith("##")
                        ? piece.substring(2)
                        : piece.matches("\\[[A-Z]+]") ? piece : "▁" + piece)
            .toArray(String[]::new);
    Tokenizer gguf =
        Tokenizers.fromGguf(
            new GgufVocabulary(
                "bert",
                "",
                tokens,
                new float[0],
                new int[0],
                new String[0],
                new GgufVocabulary.Marks(2, 3, true, true),
                GgufVocabulary.Spaces.prefix(false),
                SOURCE));
    Tokenizer file = Tokenizers.open(lines);
    for (String text : List.of("A man is playing a flute.", "怎么更改手机号码？", "naïve Boxes!", "")) {
      assertThat(gguf.encodeWhole(text)).isEqualTo(file.encodeWhole(text));
      assertThat(gguf.decode(gguf.encode(text))).isEqualTo(file.decode(file.encode(text)));
    }
  }

  @ParameterizedTest
  @CsvSource({"rwkv, of RWKV", "plamo2, of PLaMo 2"})
  void kindsThatAreNotReadAreNamedWithTheFileAndAWayOut(String kind, String what) {
    GgufVocabulary vocabulary = gguf(kind, "", new String[] {"a"}, new float[0], new int[0], -1);
    assertThatThrownBy(() -> Tokenizers.fromGguf(vocabulary))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(
            "tiny.gguf", "\"" + kind + "\"", what, "tokenizer.ggml.model", "--ids");
  }

  private static GgufVocabulary gguf(
      String model, String pre, String[] tokens, float[] scores, int[] types, int bos) {
    return new GgufVocabulary(
        model,
        pre,
        tokens,
        scores,
        types,
        new String[0],
        new GgufVocabulary.Marks(bos, -1, false, false),
        GgufVocabulary.Spaces.prefix(true),
        SOURCE);
  }

  private static void assertError(GgufVocabulary vocabulary, String part) {
    assertThatThrownBy(() -> Tokenizers.fromGguf(vocabulary))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(part);
  }

  private static Tokenizer open(String name) {
    return TokenizerFinder.of(SharedData.file(FOLDER + name + ".gguf"));
  }
}
