package dev.lengthwise.tokenizer.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTrainerTest {

  private static final List<String> SPECIAL = List.of("<|begin|>", "<|end|>");
  private static final String CODE =
      """
      /** Adds numbers. */
      public final class Adder {
          private int sum = 0;

          public int add(int value) {
              // the pass key is 98765
              for (int i = 0; i < value; i++) { sum += 1; }
              return sum;
          }

          public String toString() {\treturn "sum=" + sum + "aaaaaaa aaaa"; }
      }
      """;
  private static final List<String> TEXTS =
      List.of(CODE, CODE.toUpperCase(Locale.ROOT), "Größe, naïve café — 林黛玉 🦙🦙 don't");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "llama-bpe", "gpt-2"})
  void mergesEqualTheNaiveAlgorithmThatRecountsEveryTime(String pre) {
    TrainedTokenizer trained = trained(pre);
    assertThat(trained.merges()).isEqualTo(naive(pre, TEXTS, 420 - 256 - 2)).hasSizeGreaterThan(50);
    assertThat(trained.vocabularySize()).isEqualTo(258 + trained.merges().size());
  }

  @Test
  void trainingTwiceGivesTheSameFile() throws IOException {
    trained(TEXTS, 400, SPECIAL).writeTo(folder.resolve("a/tokenizer.json"));
    trained(TEXTS, 400, SPECIAL).writeTo(folder.resolve("b/tokenizer.json"));
    assertThat(folder.resolve("a/tokenizer.json"))
        .hasSameBinaryContentAs(folder.resolve("b/tokenizer.json"));
    try (var files = Files.list(folder.resolve("a"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("tokenizer.json", "tokenizer_config.json");
    }
  }

  @Test
  void smallTextsGiveASmallerVocabulary() {
    TrainedTokenizer trained = trained(List.of("abab", "x"), 5000, SPECIAL);
    assertThat(trained.merges()).containsExactly(new TrainedTokenizer.Merge('a', 'b'));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "llama-bpe", "gpt-2"})
  void libraryGivesTheIdsOfTheMerges(String pre) {
    TrainedTokenizer trained = trained(pre);
    Tokenizer tokenizer = written(trained);
    List<String> samples = new ArrayList<>(TEXTS);
    samples.add(
        "class Adder2 extends Adder { int[] sums = {12, 345, 6}; }\n\n\n    \t  x  \r\n y ");
    samples.add("");
    for (String sample : samples) {
      assertThat(tokenizer.encode(sample)).isEqualTo(byMerges(trained, sample));
    }
    assertThat(tokenizer.vocabularySize()).isEqualTo(trained.vocabularySize());
  }

  @Test
  void anyTextComesBackUnchanged() {
    Tokenizer tokenizer = written(trained(TEXTS, 420, SPECIAL));
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(60); i > 0; i--) {
        int limit = List.of(0x80, 0x800, 0x10000, 0x110000).get(random.nextInt(4));
        int point = random.nextInt(limit);
        text.appendCodePoint(Character.getType(point) == Character.SURROGATE ? ' ' : point);
      }
      assertThat(tokenizer.decode(tokenizer.encode(text.toString()))).isEqualTo(text.toString());
    }
  }

  @Test
  void digitsStandAlone() {
    Tokenizer tokenizer = written(trained(List.of("12345 12345 12345 12 12 12 45"), 400, SPECIAL));
    assertThat(tokenizer.encode("12345")).hasSize(5);
    assertThat(tokenizer.encode(" 12345")).hasSize(6);
  }

  @Test
  void specialTokensHaveTheirRolesAndCannotBeSpelled() {
    Tokenizer tokenizer = written(trained(TEXTS, 300, SPECIAL));
    assertThat(tokenizer.beginOfText()).hasValue(0);
    assertThat(tokenizer.endOfText()).hasValue(1);
    assertThat(tokenizer.addsBeginOfText()).isTrue();
    assertThat(tokenizer.encodePrompt("a")).startsWith(0).hasSize(2);
    assertThat(tokenizer.bytes(0)).isEmpty();
    int[] ids = tokenizer.encode("<|begin|>");
    assertThat(ids).doesNotContain(0);
    assertThat(tokenizer.decode(ids)).isEqualTo("<|begin|>");
  }

  @Test
  void vocabularyWithoutSpecialTokensWorks() {
    Tokenizer tokenizer = written(trained(TEXTS, 300, List.of()));
    assertThat(tokenizer.beginOfText()).isEmpty();
    assertThat(tokenizer.encodePrompt(CODE)).isEqualTo(tokenizer.encode(CODE));
  }

  @Test
  void wrongSettingsAreErrors() {
    assertThatThrownBy(() -> trained(TEXTS, 257, SPECIAL))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("257")
        .hasMessageContaining("258");
    assertThatThrownBy(() -> trained(TEXTS, 300, List.of("<s>", "<s>")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("<s>");
    assertThatThrownBy(() -> new TokenizerTrainer("falcon"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("falcon", "llama-bpe");
  }

  private Tokenizer written(TrainedTokenizer trained) {
    Path file = folder.resolve("tokenizer.json");
    trained.writeTo(file);
    return Tokenizers.open(file);
  }

  private static TrainedTokenizer trained(String pre) {
    TokenizerTrainer trainer = new TokenizerTrainer(pre);
    TEXTS.forEach(trainer::add);
    return trainer.train(420, SPECIAL);
  }

  private static TrainedTokenizer trained(List<String> texts, int size, List<String> special) {
    TokenizerTrainer trainer = new TokenizerTrainer();
    texts.forEach(trainer::add);
    return trainer.train(size, special);
  }

  private static List<byte[]> words(String pre, String text) {
    Matcher matcher = TokenizerTrainer.word(pre).matcher(text);
    return matcher.results().map(word -> word.group().getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static int[] symbols(byte[] word) {
    int[] symbols = new int[word.length];
    Arrays.setAll(symbols, i -> word[i] & 0xFF);
    return symbols;
  }

  private static int[] byMerges(TrainedTokenizer trained, String text) {
    List<Integer> ids = new ArrayList<>();
    for (byte[] word : words(trained.pre(), text)) {
      int[] symbols = symbols(word);
      for (int rank = 0; rank < trained.merges().size(); rank++) {
        symbols = trained.merges().get(rank).apply(symbols, 256 + rank);
      }
      Arrays.stream(symbols).map(id -> id + trained.specialTokens().size()).forEach(ids::add);
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<TrainedTokenizer.Merge> naive(String pre, List<String> texts, int wanted) {
    List<int[]> words =
        new ArrayList<>(
            texts.stream()
                .flatMap(text -> words(pre, text).stream())
                .map(TokenizerTrainerTest::symbols)
                .toList());
    List<TrainedTokenizer.Merge> merges = new ArrayList<>();
    List<String> spellings = new ArrayList<>();
    for (int value = 0; value < 256; value++) {
      spellings.add(String.valueOf((char) value));
    }
    Set<String> spelled = new HashSet<>(spellings);
    while (merges.size() < wanted) {
      Map<TrainedTokenizer.Merge, Integer> counts = new HashMap<>();
      for (int[] word : words) {
        for (int i = 0; i + 1 < word.length; i++) {
          counts.merge(new TrainedTokenizer.Merge(word[i], word[i + 1]), 1, Integer::sum);
        }
      }
      Optional<TrainedTokenizer.Merge> found =
          counts.keySet().stream()
              .filter(pair -> counts.getOrDefault(pair, 0) >= 2)
              .filter(
                  pair ->
                      !spelled.contains(spellings.get(pair.left()) + spellings.get(pair.right())))
              .min(
                  Comparator.<TrainedTokenizer.Merge>comparingInt(
                          pair -> -counts.getOrDefault(pair, 0))
                      .thenComparingInt(TrainedTokenizer.Merge::left)
                      .thenComparingInt(TrainedTokenizer.Merge::right));
      if (found.isEmpty()) {
        break;
      }
      TrainedTokenizer.Merge best = found.get();
      int merged = 256 + merges.size();
      merges.add(best);
      spellings.add(spellings.get(best.left()) + spellings.get(best.right()));
      spelled.add(spellings.getLast());
      words.replaceAll(word -> best.apply(word, merged));
    }
    return merges;
  }
}
