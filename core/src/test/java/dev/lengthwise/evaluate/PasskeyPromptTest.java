package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.generate.ByteTokenizer;
import dev.lengthwise.generate.ChainDecoder;
import dev.lengthwise.text.PasskeyTemplate;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasskeyPromptTest {

  private static final Tokenizer BYTES = new ByteTokenizer();
  private static final int WITHOUT_FILLER = 247 + 6; // and the answer

  private static PasskeyPrompt of(Tokenizer tokenizer, int tokens, double depth) {
    return PasskeyPrompt.of(PasskeyTemplate.LANDMARK, tokenizer, tokens, depth, 54321);
  }

  private static String text(PasskeyPrompt prompt) {
    return BYTES.decode(prompt.prompt());
  }

  @ParameterizedTest
  @ValueSource(ints = {WITHOUT_FILLER, WITHOUT_FILLER + 1, 300, 1000, 4321, 20_000})
  void fillsTheLengthExactlyWhereEveryCharacterIsAToken(int tokens) {
    PasskeyPrompt prompt = of(BYTES, tokens, 0.5);
    assertThat(prompt.tokens()).isEqualTo(tokens);
    assertThat(BYTES.decode(prompt.answer())).isEqualTo(" 54321");
    assertThat(text(prompt)).endsWith("The pass key is").contains("54321 is the pass key.");
  }

  @ParameterizedTest
  @ValueSource(ints = {150, 200, 333, 1024, 5000})
  void comesCloseWithATokenizerOfWords(int tokens) {
    PasskeyPrompt prompt = of(new Words(1), tokens, 0.25);
    assertThat(prompt.tokens()).isBetween(tokens - 4, tokens);
  }

  @ParameterizedTest
  @ValueSource(ints = {150, 200, 333, 1024, 5000})
  void fitsWhereMoreTextMayBeFewerTokens(int tokens) {
    PasskeyPrompt prompt = of(new Words(5), tokens, 0.75);
    assertThat(prompt.tokens()).isBetween(tokens - 12, tokens);
  }

  @Test
  void depthIsTheShareOfFillerBeforeTheNeedle() {
    for (double depth : new double[] {0, 0.25, 0.5, 1}) {
      String text = text(of(BYTES, 2000, depth));
      int first = text.indexOf('\n') + 1;
      int filler = 2000 - WITHOUT_FILLER;
      assertThat(text.indexOf("\nThe pass key is 5") - first)
          .isCloseTo((int) Math.round(filler * depth), within(1));
    }
  }

  @Test
  void theSameKeyGivesTheSamePrompt() {
    assertThat(of(BYTES, 777, 0.3).prompt()).isEqualTo(of(BYTES, 777, 0.3).prompt());
  }

  @Test
  void aLengthWithoutRoomIsAnErrorThatSaysWhatIsNeeded() {
    assertThatThrownBy(() -> of(BYTES, WITHOUT_FILLER - 1, 0.5))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("at least " + WITHOUT_FILLER);
  }

  @Test
  void aModelThatAlwaysSaysTheSameFindsNothing() {
    Axes axes = new Axes(List.of(300), List.of(0.0, 1.0), 3, new int[0], 1, 1, 1);
    List<Measurement> measured = new ArrayList<>();
    long[] read = {0};
    PasskeyTask task = new PasskeyTask();
    Subject subject =
        new Subject(ChainDecoder.inference(BYTES.vocabularySize(), id -> 'x'), () -> BYTES, 64);
    task.run(subject, axes, measured::add, n -> read[0] += n);
    assertThat(read[0]).isEqualTo(task.cost(axes));
    assertThat(measured).hasSize(2 * 3).allMatch(one -> one.value() == 0 && one.count() == 3);
  }

  @Test
  void aModelThatCountsFindsTheKeyThatCountingFinds() {
    // After " " comes the first digit of the key, after a digit the next one: so no digit may come
    // twice in the key of this seed.
    long seed = 0;
    while (key(seed).chars().distinct().count() < 5) {
      seed++;
    }
    String digits = key(seed);
    Axes axes = new Axes(List.of(300), List.of(0.5), 1, new int[0], 1, 1, seed);
    List<Measurement> measured = new ArrayList<>();
    Subject subject =
        new Subject(
            ChainDecoder.inference(
                BYTES.vocabularySize(),
                id -> {
                  int at = digits.indexOf(id);
                  return id == 's' ? ' ' : id == ' ' ? digits.charAt(0) : next(digits, at);
                }),
            () -> BYTES,
            64);
    new PasskeyTask().run(subject, axes, measured::add, n -> {});
    assertThat(measured)
        .extracting(Measurement::metric)
        .containsExactly(
            Metric.PASSKEY_FIRST_INTEGER, Metric.PASSKEY_CONTAINED, Metric.PASSKEY_DIGITS);
    assertThat(measured).allMatch(one -> one.value() == 1);
  }

  // The first key of the task at length 300.
  private static String key(long seed) {
    return Long.toString(10_000 + new SplittableRandom(seed * 31 + 300).nextLong(90_000));
  }

  private static int next(String digits, int at) {
    return at >= 0 && at + 1 < digits.length() ? digits.charAt(at + 1) : 'x';
  }

  /// Words and other characters as tokens; with a remainder above 1, a text whose number of
  /// characters is a multiple of 3 has up to `remainder` tokens more.
  private record Words(int remainder) implements Tokenizer {

    private static final Pattern TOKEN = Pattern.compile(" ?[A-Za-z]+| ?\\d|\\s|.");

    @Override
    public int vocabularySize() {
      return 1;
    }

    @Override
    public int[] encode(String text) {
      Matcher tokens = TOKEN.matcher(text);
      int extra = text.length() % 3 == 0 && text.endsWith("is") ? remainder - 1 : 0;
      int[] ids = new int[(int) tokens.results().count() + extra];
      return ids;
    }

    @Override
    public byte[] bytes(int id) {
      return "?".getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public OptionalInt beginOfText() {
      return OptionalInt.empty();
    }

    @Override
    public OptionalInt endOfText() {
      return OptionalInt.empty();
    }

    @Override
    public boolean addsBeginOfText() {
      return false;
    }

    @Override
    public String sha256() {
      return "none";
    }

    @Override
    public String name() {
      return "words";
    }
  }
}
