package dev.lengthwise.tokenizer.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.tokenizer.ByteLevel;
import dev.lengthwise.tokenizer.PreTokenizer;
import dev.lengthwise.tokenizer.PreTokenizers;
import dev.lengthwise.tokenizer.SharedData;
import dev.lengthwise.tokenizer.WordCuts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Long texts in parts have the ids of the whole. The vocabularies of these tests join any two
/// characters of the texts, in an order without sense: a word that begins or ends elsewhere has
/// other ids.
class JsonCutsTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final List<String> CHARACTERS =
      List.of(
          "a", "b", "s", "Z", " ", ".", ",", "!", "'", "(", "1", "2", "\n", "\r", "\t", "é", "林");

  /// Runs and neighbours that tokenizers treat in a manner of their own.
  private static final List<String> PARTS =
      List.of(
          " a",
          " b",
          "s",
          "Z",
          " Zs",
          ".",
          ", ",
          "! ",
          "'s",
          "' s",
          " (",
          "12",
          " 1",
          "212",
          "  ",
          " ",
          "   ",
          "\n",
          "\r\n",
          "\n\n",
          " \n",
          "\t",
          "é",
          "e\u0301",
          " é",
          "林",
          "。",
          " 林",
          "bbbbb",
          "IMGIMGABCZ ",
          "<x>",
          "a b",
          "s a, b",
          "🙂",
          "\uD83D");

  private static String text(long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    while (text.length() < 10_000) {
      text.append(PARTS.get(random.nextInt(PARTS.size())));
    }
    return text.toString();
  }

  private static ObjectNode json(List<String> symbols) {
    ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
    root.putArray("added_tokens");
    ObjectNode model = root.putObject("model").put("type", "BPE");
    ObjectNode vocabulary = model.putObject("vocab");
    symbols.forEach(symbol -> vocabulary.put(symbol, vocabulary.size()));
    List<List<String>> pairs = new ArrayList<>();
    for (String left : symbols) {
      for (String right : symbols) {
        pairs.add(List.of(left, right));
      }
    }
    Collections.shuffle(pairs, new Random(7));
    ArrayNode merges = model.putArray("merges");
    for (List<String> pair : pairs) {
      merges.addArray().add(pair.get(0)).add(pair.get(1));
      vocabulary.put(String.join("", pair), vocabulary.size());
    }
    return root;
  }

  private static ObjectNode byteLevel(List<String> patterns) {
    ObjectNode root = json(bytes());
    ArrayNode steps =
        root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    for (String pattern : patterns) {
      ObjectNode split = steps.addObject().put("type", "Split").put("behavior", "Isolated");
      split.putObject("pattern").put("Regex", pattern);
      split.put("invert", false);
    }
    steps
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", false)
        .put("use_regex", false);
    return root;
  }

  private static List<String> bytes() {
    List<String> symbols = new ArrayList<>();
    for (byte value : String.join("", CHARACTERS).getBytes(StandardCharsets.UTF_8)) {
      String symbol = String.valueOf(ByteLevel.character(value & 0xFF));
      if (!symbols.contains(symbol)) {
        symbols.add(symbol);
      }
    }
    return symbols;
  }

  /// As Llama 2: no words, `▁` for spaces and one in front.
  private static ObjectNode escaped(String without) {
    List<String> symbols = new ArrayList<>(CHARACTERS);
    symbols.set(symbols.indexOf(" "), "▁");
    ObjectNode root = json(symbols);
    ObjectNode model = (ObjectNode) root.path("model");
    ObjectNode vocabulary = (ObjectNode) model.path("vocab");
    ArrayNode kept = MAPPER.createArrayNode();
    for (JsonNode merge : model.path("merges")) {
      String left = merge.path(0).asText();
      if (merge.path(1).asText().equals("▁") && without.contains(left)) {
        vocabulary.remove(left + "▁");
      } else {
        kept.add(merge);
      }
    }
    model.set("merges", kept);
    ArrayNode steps = root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    steps.addObject().put("type", "Prepend").put("prepend", "▁");
    steps.add(replace());
    root.putNull("pre_tokenizer");
    return root;
  }

  private static ObjectNode replace() {
    ObjectNode step = MAPPER.createObjectNode().put("type", "Replace").put("content", "▁");
    step.putObject("pattern").put("String", " ");
    return step;
  }

  private static void same(JsonNode json) {
    NativeTokenizer tokenizer = NativeTokenizer.of(json, "the test");
    String text = text(1);
    assertThat(tokenizer.encode(text)).isEqualTo(tokenizer.encodePart(text));
  }

  static Stream<PreTokenizer> rows() {
    return PreTokenizers.names().stream()
        .map(name -> PreTokenizers.named(name).orElseThrow())
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyRowHasTheIdsOfTheWhole(PreTokenizer row) {
    ObjectNode json = byteLevel(row.patterns());
    assertThat(JsonCuts.of(json).before().isEmpty()).isEqualTo(!row.cutsWords());
    same(json);
  }

  @Test
  void theBundledModelsHaveTheIdsOfTheWhole() {
    ObjectNode json =
        byteLevel(
            List.of(
                "[^\\r"
                    + "\\n"
                    + "\\p{L}\\p{M}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r"
                    + "\\n"
                    + "]*|\\s*[\\r"
                    + "\\n"
                    + "]+|\\s+(?!\\S)|\\s+"));
    assertThat(JsonCuts.of(json).before()).isNotEmpty();
    same(json);
  }

  @Test
  void rowsThatJoinWordsMustNotBeCut() {
    for (String name : List.of("exaone-moe", "superbpe", "sarvam-moe")) {
      List<String> patterns = PreTokenizers.named(name).orElseThrow().patterns();
      NativeTokenizer tokenizer = NativeTokenizer.of(byteLevel(patterns), "the test");
      WordCuts wrong = WordCuts.avoiding(Stream.empty(), false);
      assertThat(wrong.encode(text(1), tokenizer::encodePart))
          .as(name)
          .isNotEqualTo(tokenizer.encodePart(text(1)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NFC", "NFD", "NFKC", "NFKD"})
  void unicodeFormsLeaveTheCutsAlone(String form) {
    ObjectNode json = byteLevel(List.of(PreTokenizers.GPT2));
    json.putObject("normalizer").put("type", form);
    assertThat(JsonCuts.of(json).before()).isNotEmpty();
    same(json);
  }

  @Test
  void otherNormalisersKeepTextsWhole() {
    ObjectNode json = byteLevel(List.of(PreTokenizers.GPT2));
    json.putObject("normalizer").put("type", "Strip").put("strip_left", true);
    assertThat(JsonCuts.of(json)).isEqualTo(WordCuts.NONE);
  }

  @Test
  void wholeTextsOfBpeAreCutWhereNoPieceSpans() {
    ObjectNode json = escaped("abs,");
    assertThat(JsonCuts.of(json).before()).contains("a", "b", "s", ",").doesNotContain("!");
    same(json);
    ObjectNode spans = escaped("");
    assertThat(JsonCuts.of(spans).before()).doesNotContain("a").doesNotContain(",");
    same(spans);
  }

  @Test
  void wholeTextsThatCouldBeOnePieceStayWhole() {
    ObjectNode json = escaped("abs,");
    ((ObjectNode) json.path("model")).put("ignore_merges", true);
    assertThat(JsonCuts.of(json)).isEqualTo(WordCuts.NONE);
  }

  @Test
  void metaspaceAndEscapedSpacesAreCutToo() {
    ObjectNode metaspace = escaped("abs,");
    metaspace.putNull("normalizer");
    metaspace
        .putObject("pre_tokenizer")
        .put("type", "Metaspace")
        .put("replacement", "▁")
        .put("prepend_scheme", "first")
        .put("split", false);
    assertThat(JsonCuts.of(metaspace).before()).contains("a");
    same(metaspace);
    ObjectNode gemma = escaped("abs,");
    gemma.set("normalizer", replace());
    ObjectNode split = gemma.putObject("pre_tokenizer").put("type", "Split");
    split.put("behavior", "MergedWithPrevious").put("invert", false);
    split.putObject("pattern").put("String", " ");
    assertThat(JsonCuts.of(gemma).before()).contains("a");
    same(gemma);
  }

  @ParameterizedTest
  @ValueSource(strings = {"  ", "\n\n", "<x>", "! ", ", b", "a b", ".", " Z", "b", "林"})
  void addedTokensAreFoundAcrossEveryCut(String added) {
    for (ObjectNode json : List.of(byteLevel(List.of(PreTokenizers.GPT2)), escaped("abs,"))) {
      for (boolean normalized : new boolean[] {false, true}) {
        ObjectNode token = MAPPER.createObjectNode().put("content", added).put("id", 2_000);
        token.put("single_word", false).put("lstrip", false).put("rstrip", false);
        token.put("normalized", normalized).put("special", false);
        json.putArray("added_tokens").add(token);
        ((ObjectNode) json.path("model").path("vocab")).put(added, 2_000);
        same(json);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lstrip", "rstrip", "single_word"})
  void tokensThatLookAtTheirNeighboursKeepTextsWhole(String option) {
    ObjectNode json = byteLevel(List.of(PreTokenizers.GPT2));
    json.withArray("added_tokens").addObject().put("content", "<x>").put(option, true);
    assertThat(JsonCuts.of(json)).isEqualTo(WordCuts.NONE);
  }

  @Test
  void unigramStaysWhole() throws JsonProcessingException {
    JsonNode json =
        MAPPER.readTree("{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", 0]]}}");
    assertThat(JsonCuts.of(json)).isEqualTo(WordCuts.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gpt-neox", "llama2"})
  void booksHaveTheIdsOfTheWhole(String name) throws IOException {
    byte[] content = Files.readAllBytes(SharedData.file("tokenizers/" + name + "/tokenizer.json"));
    TokenizerJson json = TokenizerJson.parse(content, name);
    NativeTokenizer tokenizer = NativeTokenizer.of(json.forLibrary(), name);
    assertThat(JsonCuts.of(json.forLibrary()).before()).hasSizeGreaterThan(25);
    String english =
        Files.readString(SharedData.file("texts/litbank/1260_jane_eyre_an_autobiography.txt"));
    String chinese = Files.readString(SharedData.file("texts/chinese/hongloumeng.txt"));
    String text = english.substring(0, 140_000) + chinese.substring(0, 10_000) + text(1);
    assertThat(tokenizer.encode(text)).isEqualTo(tokenizer.encodePart(text));
  }
}
