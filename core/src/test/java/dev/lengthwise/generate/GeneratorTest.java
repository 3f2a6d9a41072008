package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.generate.GenerationResult.Reason;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class GeneratorTest {

  private static final ByteTokenizer BYTES = new ByteTokenizer();

  private final List<String> pieces = new ArrayList<>();

  private static int alphabet(int id) {
    return id == 'z' ? ByteTokenizer.END : id + 1;
  }

  private GenerationResult generate(
      IntUnaryOperator next, String prompt, int predict, int calls, String... stops) {
    Generator generator =
        new Generator(BYTES, Set.of(ByteTokenizer.END), InstantSource.fixed(Instant.EPOCH));
    IntUnaryOperator inside = id -> id >= ByteTokenizer.END ? 0 : next.applyAsInt(id);
    int[] asked = {0};
    try (Sequence sequence = ChainDecoder.inference(BYTES.vocabularySize(), inside).newSequence()) {
      return generator.generate(
          sequence,
          new int[0],
          BYTES.encode(prompt),
          new GenerationOptions(predict, 2, Sampling.GREEDY, List.of(stops)),
          pieces::add,
          () -> asked[0]++ == calls);
    }
  }

  private GenerationResult run(
      int rows, IntUnaryOperator next, String prompt, GenerationOptions options) {
    IntUnaryOperator inside = id -> id >= ByteTokenizer.END ? 0 : next.applyAsInt(id);
    try (Sequence sequence = ChainDecoder.inference(rows, inside).newSequence()) {
      return new Generator(BYTES, Set.of(ByteTokenizer.END), InstantSource.fixed(Instant.EPOCH))
          .generate(sequence, new int[0], BYTES.encode(prompt), options, pieces::add, () -> false);
    }
  }

  @Test
  void endsAtTheLimitOfTokens() {
    GenerationResult result = generate(GeneratorTest::alphabet, "xya", 3, -1);
    assertThat(result)
        .usingRecursiveComparison()
        .isEqualTo(
            new GenerationResult(
                3, new int[] {'b', 'c', 'd'}, "bcd", Reason.LENGTH, 0, 0, List.of()));
    assertThat(pieces).containsExactly("b", "c", "d");
  }

  @Test
  void noTokensMeansNoText() {
    assertThat(generate(GeneratorTest::alphabet, "a", 0, -1).text()).isEmpty();
  }

  @Test
  void endsWhereTheModelEndsTheText() {
    GenerationResult result = generate(GeneratorTest::alphabet, "w", 9, -1);
    assertThat(result.text()).isEqualTo("xyz");
    assertThat(result.reason()).isEqualTo(Reason.END_OF_TEXT);
    assertThat(result.generatedTokens()).isEqualTo(3);
  }

  @Test
  void stopStringsOverSeveralTokensAreNotShown() {
    GenerationResult result = generate(GeneratorTest::alphabet, "a", 20, -1, "efg");
    assertThat(result.text()).isEqualTo("bcd");
    assertThat(result.reason()).isEqualTo(Reason.STOP);
    assertThat(String.join("", pieces)).isEqualTo("bcd");
  }

  @Test
  void theBeginningOfAStopStringIsShownWhenTheLimitComesFirst() {
    GenerationResult result = generate(GeneratorTest::alphabet, "a", 4, -1, "efg");
    assertThat(result.text()).isEqualTo("bcde");
    assertThat(result.reason()).isEqualTo(Reason.LENGTH);
  }

  @Test
  void aStopMayBeTheNameOfAControlToken() {
    GenerationResult result = generate(GeneratorTest::alphabet, "w", 20, -1, "<end>");
    assertThat(result.text()).isEqualTo("xyz");
    assertThat(result.reason()).isEqualTo(Reason.STOP);
  }

  @Test
  void endTokensAreNeverDrawnWhereTheyAreIgnored() {
    GenerationOptions options = new GenerationOptions(5, 2, Sampling.GREEDY, List.of(), true);
    GenerationResult result = run(BYTES.vocabularySize(), GeneratorTest::alphabet, "y", options);
    assertThat(result.text()).startsWith("z").hasSize(5);
    assertThat(result.reason()).isEqualTo(Reason.LENGTH);
  }

  @Test
  void rowsWithoutATokenAreNeverDrawn() {
    int rows = BYTES.vocabularySize() + 62;
    IntUnaryOperator padding = id -> rows - 1;
    GenerationOptions options = new GenerationOptions(9, 2, Sampling.GREEDY, List.of());
    assertThat(run(rows, padding, "a", options).generatedTokens()).isEqualTo(9);
  }

  @Test
  void theCallerMayEndIt() {
    GenerationResult result = generate(GeneratorTest::alphabet, "a", 20, 3);
    assertThat(result.text()).isEqualTo("bc");
    assertThat(result.reason()).isEqualTo(Reason.CANCELLED);
  }

  @Test
  void theCallerMayEndItWithinThePrompt() {
    GenerationResult result = generate(GeneratorTest::alphabet, "abcde", 20, 2);
    assertThat(result.promptTokens()).as("two parts of 2").isEqualTo(4);
    assertThat(result.text()).isEmpty();
    assertThat(result.reason()).isEqualTo(Reason.CANCELLED);
  }

  @Test
  void aBiasOfATokenThatThereIsNotIsRefusedBeforeThePromptIsRead() {
    Sampling biased = Sampling.GREEDY.with(new SamplingStep.Bias(Map.of(1000, 1.0)));
    Generator generator = new Generator(BYTES, Set.of(), InstantSource.fixed(Instant.EPOCH));
    try (Sequence sequence = alphabet().newSequence()) {
      assertThatThrownBy(
              () ->
                  generator.generate(
                      sequence,
                      new int[0],
                      BYTES.encode("abc"),
                      GenerationOptions.of(biased, 1),
                      pieces::add,
                      () -> false))
          .hasMessageContaining("1000");
      assertThat(sequence.length()).isZero();
    }
  }

  @Test
  void whatAPromptEndsWithIsNotPartOfTheText() {
    ByteTokenizer cleaning =
        new ByteTokenizer() {
          @Override
          public boolean cleansSpaces() {
            return true;
          }
        };
    assertThat(continued(cleaning, cleaning.encode("a w"), 3)).isEqualTo("xyz");
    assertThat(continued(BYTES, new int[] {'a', 0xC3}, 0)).isEmpty();
  }

  private static InferenceModel alphabet() {
    return ChainDecoder.inference(
        BYTES.vocabularySize(), id -> id >= ByteTokenizer.END ? 0 : alphabet(id));
  }

  private String continued(ByteTokenizer tokenizer, int[] prompt, int predict) {
    try (Sequence sequence = alphabet().newSequence()) {
      return new Generator(tokenizer, Set.of(), InstantSource.fixed(Instant.EPOCH))
          .generate(
              sequence,
              new int[0],
              prompt,
              GenerationOptions.of(Sampling.GREEDY, predict),
              pieces::add,
              () -> false)
          .text();
    }
  }

  @Test
  void charactersAppearWhole() {
    // é is the bytes C3 A9.
    IntUnaryOperator accents = id -> id == 0xC3 ? 0xA9 : 0xC3;
    assertThat(generate(accents, "a", 5, -1).text()).isEqualTo("éé�");
    assertThat(pieces).containsExactly("é", "é", "�");
  }
}
