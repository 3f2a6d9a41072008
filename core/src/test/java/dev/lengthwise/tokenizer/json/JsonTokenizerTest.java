package dev.lengthwise.tokenizer.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.SharedData;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTokenizerTest {

  private static final String MIXED =
      "Hello  world!\n\n\tThe café of 林黛玉, 🦙 costs 12,345 € — don't </s> x\u0000y  ";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gpt-neox", "llama2"})
  void textComesBackUnchanged(String name) {
    Tokenizer tokenizer = open(name);
    for (String text : new String[] {MIXED, "", " ", "  a", "a ", "\n", "🦙"}) {
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gpt-neox", "llama2"})
  void chaptersComeBackUnchanged(String name) throws IOException {
    Tokenizer tokenizer = open(name);
    String chapters =
        Files.readString(SharedData.file("texts/litbank/6593_history_of_tom_jones_a_foundling.txt"))
            .substring(0, 150_000);
    assertThat(tokenizer.decode(tokenizer.encode(chapters))).isEqualTo(chapters);
  }

  @Test
  void gptTwoHasOneTokenForBothEnds() {
    Tokenizer tokenizer = open("gpt2");
    assertThat(tokenizer.vocabularySize()).isEqualTo(50257);
    assertThat(tokenizer.beginOfText()).hasValue(50256);
    assertThat(tokenizer.endOfText()).hasValue(50256);
    assertThat(tokenizer.addsBeginOfText()).isFalse();
    assertThat(tokenizer.encode("Hello world")).containsExactly(15496, 995);
    assertThat(tokenizer.encode("<|endoftext|>")).doesNotContain(50256);
    assertThat(tokenizer.bytes(50256)).isEmpty();
  }

  @Test
  void gptNeoXKeepsTheIdsOfItsSpaces() {
    Tokenizer tokenizer = open("gpt-neox");
    assertThat(tokenizer.vocabularySize()).isEqualTo(50277);
    assertThat(tokenizer.encode(" ".repeat(24))).containsExactly(50254);
    assertThat(tokenizer.bytes(50254)).isEqualTo(" ".repeat(24).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void llamaTwoBeginsPromptsAndPutsASpaceInFront() {
    Tokenizer tokenizer = open("llama2");
    assertThat(tokenizer.vocabularySize()).isEqualTo(32000);
    assertThat(tokenizer.encodePrompt("Hello world")).containsExactly(1, 22557, 1526);
    assertThat(tokenizer.endOfText()).hasValue(2);
    assertThat(tokenizer.addsLeadingSpace()).isTrue();
    assertThat(tokenizer.bytes(3 + 0xE6)).isEqualTo(new byte[] {(byte) 0xE6});
    assertThat(tokenizer.decode(new int[] {1, 22557, 1526})).isEqualTo("Hello world");
    assertThat(tokenizer.encode("<s>")).doesNotContain(1);
  }

  // Inside the library a deeper one would end the process.
  @Test
  void aDescriptionThatIsNestedTooDeepIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), described(deep(200)));
    assertThatThrownBy(() -> Tokenizers.open(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("nested more than 64 deep");
  }

  @Test
  void aTextThatNeedsAnUnknownTokenWhereThereIsNoneIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), described("null"));
    Tokenizer tokenizer = Tokenizers.open(file);
    assertThat(tokenizer.encode("a")).endsWith(1);
    assertThatThrownBy(() -> tokenizer.encode("b"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("check its model and its unknown token");
  }

  // A vocabulary of two pieces without an unknown token.
  private static String described(String more) {
    String spaces =
        "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"always\"";
    return """
    {"version": "1.0", "added_tokens": [], "pre_tokenizer": %1$s}, "decoder": %1$s, "more": %2$s},
     "model": {"type": "Unigram", "unk_id": null, "vocab": [["▁", -2.0], ["a", -2.0]]}}
    """
        .formatted(spaces, more);
  }

  private static String deep(int levels) {
    return "[".repeat(levels) + "]".repeat(levels);
  }

  @Test
  void unpairedSurrogatesAreQuestionMarks() {
    Tokenizer tokenizer = open("gpt2");
    assertThat(tokenizer.decode(tokenizer.encode("a\uD83Eb"))).isEqualTo("a?b");
  }

  @Test
  void sideFilesDecideTheRoles() throws IOException {
    Files.copy(
        SharedData.file("tokenizers/llama2/tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"add_bos_token": false, "bos_token": {"content": "</s>"}, "eos_token": null}
        """);
    Files.writeString(folder.resolve("special_tokens_map.json"), "{\"eos_token\": \"<unk>\"}");
    Tokenizer tokenizer = Tokenizers.open(folder.resolve("tokenizer.json"));
    assertThat(tokenizer.beginOfText()).hasValue(2);
    assertThat(tokenizer.endOfText()).hasValue(0);
    assertThat(tokenizer.addsBeginOfText()).isFalse();
  }

  @Test
  void unigramVocabularyKeepsItsIdsAndItsControlTokensApart() throws IOException {
    String flags = "\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false";
    String space =
        "{\"type\":\"Metaspace\",\"replacement\":\"▁\",\"prepend_scheme\":\"always\",\"split\":true}";
    String json =
        """
        {"version": "1.0",
         "added_tokens": [
          {"id": 0, "content": "<unk>", "special": true, %1$s},
          {"id": 1, "content": "<s>", "special": true, %1$s},
          {"id": 7, "content": "##", "special": false, %1$s}],
         "pre_tokenizer": %2$s, "decoder": %2$s,
         "model": {"type": "Unigram", "unk_id": 0, "vocab":
          [["<unk>", 0], ["<s>", 0], ["▁", -1], ["a", -2], ["▁a", -1.5]]}}
        """
            .formatted(flags, space);
    Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
    Tokenizer tokenizer = Tokenizers.open(file);
    assertThat(tokenizer.vocabularySize()).isEqualTo(8);
    assertThat(tokenizer.encode("a aa")).containsExactly(4, 4, 3);
    assertThat(tokenizer.decode(new int[] {1, 4, 4, 3})).isEqualTo("a aa");
    assertThat(tokenizer.encode("a##")).containsExactly(4, 7);
    assertThat(tokenizer.encode("<s>")).doesNotContain(1);
    assertThat(tokenizer.beginOfText()).hasValue(1);
    assertThat(tokenizer.addsBeginOfText()).isFalse();
  }

  @Test
  void idOutsideTheVocabularyIsAnError() {
    Tokenizer tokenizer = open("gpt2");
    assertThatThrownBy(() -> tokenizer.decode(new int[] {50257}))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("50257")
        .hasMessageContaining("50256");
    assertThatThrownBy(() -> tokenizer.bytes(-1)).isInstanceOf(LengthwiseException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\": {\"vocab\": {\"a\": 0",
        "{\"a\": 1}",
        "{\"model\": {\"vocab\": {}}, \"decoder\": {\"type\": \"ByteLevel\"}}",
        "{\"model\": {\"vocab\": {\"a\": 2000000000}}, \"decoder\": {\"type\": \"ByteLevel\"}}",
        "{\"model\": {\"vocab\": {\"a\": -1}}, \"decoder\": {\"type\": \"ByteLevel\"}}",
        "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"WordPiece\"}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}}, \"decoder\": {\"type\":"
            + " \"ByteLevel\"}}",
      })
  void damagedJsonIsAClearError(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), content);
    assertThatThrownBy(() -> Tokenizers.open(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("tokenizer.json");
  }

  private static Tokenizer open(String name) {
    return Tokenizers.open(SharedData.file("tokenizers/" + name + "/tokenizer.json"));
  }
}
