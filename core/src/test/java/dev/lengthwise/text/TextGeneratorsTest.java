package dev.lengthwise.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextGeneratorsTest {

  private static List<Question> questions(String generator, int length, int count) {
    GeneratedTexts texts = new GeneratedTexts(generator, length, length, 3);
    return IntStream.range(0, count).mapToObj(texts::question).toList();
  }

  static List<String> names() {
    return TextGenerators.ALL.stream().map(TextGenerator::name).toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void questionsDependOnSeedAndNumberOnly(String name) {
    GeneratedTexts texts = GeneratedTexts.usual(name, 5);
    List<Question> once = IntStream.range(0, 50).mapToObj(texts::question).toList();

    assertThat(GeneratedTexts.usual(name, 5).question(49)).isEqualTo(once.get(49));
    assertThat(GeneratedTexts.usual(name, 6).question(49)).isNotEqualTo(once.get(49));
    assertThat(once).allMatch(question -> !question.answer().isEmpty());
    assertThat(once.stream().distinct().count()).isGreaterThan(40);
  }

  /// Definition: the number of changes of symbol is even.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 40, 41 * 32})
  void evenPairsCountsTheChangesOfSymbol(int length) {
    List<Question> questions = questions("even-pairs", length, 200);
    for (Question question : questions) {
      String symbols = question.prompt().substring(0, length);
      long changes =
          IntStream.range(1, length)
              .filter(at -> symbols.charAt(at) != symbols.charAt(at - 1))
              .count();
      assertThat(question.prompt()).matches("[ab]{%d}=".formatted(length));
      assertThat(question.answer()).isEqualTo(changes % 2 == 0 ? "1" : "0");
    }
    if (length > 1) {
      long even = questions.stream().filter(question -> question.answer().equals("1")).count();
      assertThat(even).isBetween(70L, 130L); // 100 ± 4 standard deviations
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 500})
  void reverseIsReadBackwards(int length) {
    for (Question question : questions("reverse", length, 20)) {
      assertThat(question.prompt()).matches("[ab]{%d}=".formatted(length));
      for (int at = 0; at < length; at++) {
        assertThat(question.answer().charAt(at))
            .isEqualTo(question.prompt().charAt(length - 1 - at));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 500})
  void bucketSortKeepsTheSymbolsAndOrdersThem(int length) {
    for (Question question : questions("bucket-sort", length, 20)) {
      assertThat(question.prompt()).matches("[a-e]{%d}=".formatted(length));
      assertThat(question.answer()).hasSize(length).matches("a*b*c*d*e*");
      String symbols = question.prompt().substring(0, length);
      for (char symbol = 'a'; symbol <= 'e'; symbol++) {
        char one = symbol;
        assertThat(question.answer().chars().filter(found -> found == one).count())
            .isEqualTo(symbols.chars().filter(found -> found == one).count());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 30, 1000})
  void theAskedKeyStandsInOnePairAnywhere(int length) {
    double places = 0;
    List<Question> questions = questions("key-value", length, 200);
    for (Question question : questions) {
      assertThat(question.prompt()).matches("([a-z]\\d){%d}\\?[a-z]".formatted(length));
      String pairs = question.prompt().substring(0, 2 * length);
      String key = question.prompt().substring(2 * length + 1);
      int place = pairs.indexOf(key);
      assertThat(pairs.lastIndexOf(key)).isEqualTo(place);
      assertThat(pairs.substring(place + 1, place + 2)).isEqualTo(question.answer());
      places += place / 2.0 / Math.max(1, length - 1);
    }
    if (length > 2) {
      assertThat(places / questions.size()).isBetween(0.4, 0.6); // 0.5 ± 5 standard errors
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 30, 1000})
  void theDigitToRecallIsTheOnlyOneAnywhere(int length) {
    double places = 0;
    List<Question> questions = questions("digit-recall", length, 200);
    for (Question question : questions) {
      assertThat(question.prompt()).hasSize(length + 2).matches("[a-z]*\\d[a-z]*\\?");
      assertThat(question.prompt().replaceAll("\\D", "")).isEqualTo(question.answer());
      places += (double) question.prompt().indexOf(question.answer()) / length;
    }
    assertThat(places / questions.size()).isBetween(0.35, 0.65); // 0.5 ± 4 standard errors, n = 1
    assertThat(questions.stream().map(Question::answer).distinct()).hasSize(10);
  }

  @Test
  void everyKeyHasOneValue() {
    String pairs = questions("key-value", 500, 1).getFirst().prompt();
    for (int at = 0; at + 1 < pairs.length() - 2; at += 2) {
      String pair = pairs.substring(at, at + 2);
      assertThat(pairs).doesNotContainPattern(pair.charAt(0) + "[^" + pair.charAt(1) + "]");
    }
  }

  @Test
  void retrievalDocumentsEndWithWhatStandsBefore() {
    for (Question question : questions("retrieval", 460, 200)) {
      assertThat(question.prompt()).containsPattern("\\b" + question.answer().strip());
    }
  }

  @Test
  void lengthsAreDrawnFromTheWholeRange() {
    GeneratedTexts texts = new GeneratedTexts("reverse", 3, 5, 1);

    assertThat(
            IntStream.range(0, 100)
                .mapToObj(number -> texts.question(number).answer().length())
                .toList())
        .containsOnly(3, 4, 5)
        .contains(3, 4, 5);
    assertThat(texts.label()).isEqualTo("reverse:3-5");
    GeneratedTexts whole = new GeneratedTexts("reverse", 96, 96, 1);
    assertThat(whole.label()).isEqualTo("reverse:96");
    assertThat(whole.question(0).answer()).hasSize(96);
  }

  @Test
  void unknownNamesAndLengthsAreRefused() {
    assertThatThrownBy(() -> GeneratedTexts.usual("parity", 1))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("'parity'; known are [retrieval, even-pairs, key-value");
    assertThatThrownBy(() -> new GeneratedTexts("reverse", 5, 4, 1))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("found 5 to 4");
  }
}
