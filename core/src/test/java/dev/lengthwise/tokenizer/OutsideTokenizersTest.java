package dev.lengthwise.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.tokenizer.gguf.GgufDefaults;
import dev.lengthwise.tokenizer.gguf.GgufVocabulary;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Small tokenizers give the ids that Hugging Face's library and SentencePiece give: the fixtures
/// of `tools/tokenizer-fixtures.py`. Their texts have digits, contractions, several scripts, emoji,
/// runs of white space and the names of control tokens.
class OutsideTokenizersTest {

  private static final Path FOLDER = Path.of("src/test/resources/tokenizers");
  private static final List<String> TEXTS = texts();

  private static JsonNode json(String name) {
    try {
      return new ObjectMapper().readTree(FOLDER.resolve(name).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> texts() {
    List<String> texts = new ArrayList<>();
    json("texts.json").forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  private static String[] strings(JsonNode list) {
    return list.valueStream().map(JsonNode::textValue).toArray(String[]::new);
  }

  private static int[] ids(JsonNode list) {
    return list.valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  private static void assertIds(JsonNode expected, Function<String, int[]> encode) {
    assertThat(expected).hasSameSizeAs(TEXTS);
    for (int n = 0; n < TEXTS.size(); n++) {
      if (!expected.get(n).isNull()) {
        assertThat(encode.apply(TEXTS.get(n)))
            .as("«%s»", TEXTS.get(n))
            .isEqualTo(ids(expected.get(n)));
      }
    }
  }

  private static Tokenizer gguf(
      String model, String pre, String[] tokens, int[] types, String[] merges) {
    return Tokenizers.fromGguf(
        new GgufVocabulary(
            model,
            pre,
            tokens,
            new float[0],
            types,
            merges,
            GgufVocabulary.Marks.NONE,
            GgufVocabulary.Spaces.prefix(false),
            new GgufVocabulary.Source("the fixture", () -> "")));
  }

  static Stream<String> rules() {
    return json("pairs.json").get("ids").propertyStream().map(rule -> rule.getKey());
  }

  @ParameterizedTest
  @MethodSource("rules")
  void bytePairsUnderEachRuleOfGgufFiles(String pre) {
    JsonNode pairs = json("pairs.json");
    Tokenizer tokenizer =
        gguf("gpt2", pre, strings(pairs.get("tokens")), new int[0], strings(pairs.get("merges")));
    assertIds(pairs.get("ids").get(pre), tokenizer::encode);
    for (String text : TEXTS) {
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  /// Of Gemma 4 the merges of line breaks are left out: llama.cpp does not look for any.
  @ParameterizedTest
  @ValueSource(strings = {"gemma4", "granite-embed-multi-311m", "sarvam-moe"})
  void pairsOfCharactersWithASignForTheSpace(String pre) {
    JsonNode characters = json("characters.json");
    List<String> merges = new ArrayList<>(List.of(strings(characters.get("merges"))));
    if (pre.equals("sarvam-moe")) {
      merges.addAll(List.of(strings(characters.get("lines"))));
    }
    Tokenizer tokenizer =
        gguf(
            pre.equals("gemma4") ? pre : "gpt2",
            pre,
            strings(characters.get("tokens")),
            ids(characters.get("types")),
            merges.toArray(String[]::new));
    assertIds(characters.get("ids").get("gemma4"), tokenizer::encode);
    for (String text : TEXTS) {
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void pairsOfCharactersCutAtWhiteSpace() {
    JsonNode characters = json("characters.json");
    Tokenizer tokenizer =
        gguf(
            "gpt2",
            "whitespace",
            underscored(characters.get("tokens")),
            ids(characters.get("types")),
            underscored(characters.get("merges")));
    assertIds(characters.get("ids").get("whitespace"), tokenizer::encode);
  }

  private static String[] underscored(JsonNode list) {
    return Stream.of(strings(list)).map(text -> text.replace('▁', '_')).toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spm.model", "spm.gguf", "unigram.model", "unigram.gguf"})
  void sentencePieces(String file) {
    Tokenizer tokenizer = TokenizerFinder.of(FOLDER.resolve(file));
    JsonNode expected = json(file.replaceFirst("\\..*", ".json"));
    assertIds(expected.get("ids"), tokenizer::encode);
    for (int n = 0; n < TEXTS.size(); n++) {
      assertThat(tokenizer.decode(ids(expected.get("ids").get(n))))
          .isEqualTo(expected.get("decoded").get(n).textValue());
    }
  }

  /// `tokenizer_config.json` of the pairs has `add_eos_token`, which transformers 5 does not take
  /// from there, and `clean_up_tokenization_spaces`, which it does not follow for BPE. That of the
  /// unigram model, which ends texts by its post-processor, is followed.
  @ParameterizedTest
  @ValueSource(strings = {"hf-pairs", "hf-unigram"})
  void filesOfHuggingFace(String folder) {
    Tokenizer tokenizer = TokenizerFinder.of(FOLDER.resolve(folder));
    JsonNode expected = json(folder + "/expected.json");
    assertIds(expected.get("ids"), tokenizer::encode);
    assertIds(expected.get("special"), new SpecialTokens(tokenizer)::encode);
    for (int n = 0; n < TEXTS.size(); n++) {
      int[] whole = ids(expected.get("whole").get(n));
      if (!TEXTS.get(n).contains("<")) { // names of control tokens are read there as tokens
        assertThat(tokenizer.encodeWhole(TEXTS.get(n))).isEqualTo(whole);
      }
      assertThat(tokenizer.decode(whole)).isEqualTo(expected.get("decoded").get(n).textValue());
    }
    assertThat(tokenizer.addsEndOfText()).isEqualTo(folder.equals("hf-unigram"));
  }

  @Test
  void aPromptThatGoesOnDoesNotEnd() {
    Tokenizer tokenizer = TokenizerFinder.of(FOLDER.resolve("hf-unigram"));
    int end = tokenizer.endOfText().orElseThrow();
    assertThat(tokenizer.encodeWhole("no")).endsWith(end);
    assertThat(tokenizer.encodePrompt("no")).doesNotContain(end);
  }

  /// `tokenizer.ggml.add_eos_token`; files of the kind `t5` mean it where it is absent.
  @Test
  void ggufFilesSayWhetherTextsEnd() {
    assertThat(TokenizerFinder.of(FOLDER.resolve("unigram.gguf")).addsEndOfText()).isTrue();
    assertThat(TokenizerFinder.of(FOLDER.resolve("spm.gguf")).addsEndOfText()).isFalse();
    GgufVocabulary.Marks said =
        GgufDefaults.of("llama", "", 10)
            .marks(OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), Optional.of(true));
    assertThat(said).isEqualTo(new GgufVocabulary.Marks(1, 2, true, true));
  }
}
