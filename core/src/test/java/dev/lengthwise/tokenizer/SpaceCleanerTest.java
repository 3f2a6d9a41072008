package dev.lengthwise.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpaceCleanerTest {

  private static final String[] PARTS = {
    " ",
    "'",
    ".",
    ",",
    "n",
    "t",
    "s",
    "ve",
    " '",
    "' ",
    " n",
    "'t",
    " !",
    "ab",
    "word",
    "?",
    " 're",
    "m",
    "1",
    " 2",
    "                    "
  };

  // As the library does it.
  private static String whole(String text) {
    String cleaned = text;
    for (String pattern :
        List.of(" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're")) {
      cleaned = cleaned.replace(pattern, pattern.strip());
    }
    return cleaned;
  }

  private static String cleaned(String text) {
    SpaceCleaner cleaner = new SpaceCleaner();
    return cleaner.next(text) + cleaner.flush();
  }

  /// Computed by `clean_up_tokenization` of transformers 5.18.
  @Test
  void spacesGoAsInHuggingFacesLibrary() {
    assertThat(cleaned("Hi . I do n't , we 've ; a ' b 's 'm ! ? 're"))
        .isEqualTo("Hi. I don't, we've ; a'b's'm!?'re");
    assertThat(cleaned(" ' ' ' . 'x")).isEqualTo("'' '. 'x");
  }

  @Test
  void partsGiveWhatTheWholeGives() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 4000; round++) {
      SpaceCleaner cleaner = new SpaceCleaner();
      StringBuilder text = new StringBuilder();
      StringBuilder parts = new StringBuilder();
      for (int n = 0; n < 12; n++) {
        String part = PARTS[random.nextInt(PARTS.length)];
        text.append(part);
        parts.append(cleaner.next(part));
      }
      assertThat(parts + cleaner.flush()).as("«%s»", text).isEqualTo(whole(text.toString()));
    }
  }

  /// A long text without a word of three letters was held back whole, and read again for each part.
  @Test
  void shortWordsAndLongSpacesAreNotHeldBack() {
    SpaceCleaner cleaner = new SpaceCleaner();
    for (int part = 0; part < 200_000; part++) {
      assertThat(cleaner.next("    ")).hasSize(part < 3 ? part < 2 ? 0 : 2 : 4);
    }
    cleaner.flush();
    assertThat(cleaner.next("1 2")).isEqualTo("1 2");
    assertThat(cleaner.next(" 3 . 4")).isEqualTo(" 3. 4");
  }

  /// What waits is read again with each part: that it is never more than a few characters bounds
  /// the work.
  @ParameterizedTest
  @ValueSource(strings = {"' ", " '", "'", " ' '", " n'", ". ", " ", "'s ", " 'v", "' n't "})
  void fewCharactersWaitWhateverTheText(String part) {
    SpaceCleaner cleaner = new SpaceCleaner();
    StringBuilder passed = new StringBuilder();
    for (int parts = 1; parts <= 2000; parts++) {
      passed.append(cleaner.next(part));
      if (parts % 100 == 0) {
        assertThat(whole(part.repeat(parts)).length() - passed.length()).isLessThan(20);
      }
    }
    assertThat(passed + cleaner.flush()).isEqualTo(whole(part.repeat(2000)));
  }

  @Test
  void wordsComeAtOnce() {
    SpaceCleaner cleaner = new SpaceCleaner();
    assertThat(cleaner.next("some words")).isEqualTo("some words");
    assertThat(cleaner.next(" n'")).isEmpty();
    assertThat(cleaner.next("t")).isEqualTo("n't");
  }
}
