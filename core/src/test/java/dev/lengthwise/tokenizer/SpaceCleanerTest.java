package dev.lengthwise.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

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

  private static String whole(String text) {
    SpaceCleaner cleaner = new SpaceCleaner();
    return cleaner.next(text) + cleaner.flush();
  }

  /// Computed by `clean_up_tokenization` of transformers 5.18.
  @Test
  void spacesGoAsInHuggingFacesLibrary() {
    assertThat(whole("Hi . I do n't , we 've ; a ' b 's 'm ! ? 're"))
        .isEqualTo("Hi. I don't, we've ; a'b's'm!?'re");
    assertThat(whole(" ' ' ' . 'x")).isEqualTo("'' '. 'x");
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
      assertThat(cleaner.next("    ")).hasSize(part < 2 ? part == 0 ? 0 : 1 : 4);
    }
    cleaner.flush();
    assertThat(cleaner.next("1 2")).isEqualTo("1 2");
    assertThat(cleaner.next(" 3 . 4")).isEqualTo(" 3. 4");
  }

  @Test
  void wordsComeAtOnce() {
    SpaceCleaner cleaner = new SpaceCleaner();
    assertThat(cleaner.next("some words")).isEqualTo("some words");
    assertThat(cleaner.next(" n'")).isEmpty();
    assertThat(cleaner.next("t")).isEqualTo("n't");
  }
}
