package dev.lengthwise.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.parallel.CounterRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordLexiconTest {

  private static final WordLexicon WORDS =
      WordLexicon.of(List.of(new int[] {1, 2}, new int[] {1, 2, 3, 4}, new int[] {5}));

  @Test
  void theLongestWordCountsWhereItIsWhole() {
    long[] ids = {1, 2, 3, 4, 1, 2, 3, 1, 2};
    assertThat(WORDS.length(ids, 0, 9)).isEqualTo(4);
    assertThat(WORDS.length(ids, 0, 3)).isEqualTo(2);
    assertThat(WORDS.length(ids, 4, 9)).isEqualTo(2);
    assertThat(WORDS.length(ids, 6, 9)).isEqualTo(1);
    assertThat(WORDS.length(ids, 8, 9)).isEqualTo(1);
    assertThat(WordLexicon.NONE.length(ids, 0, 9)).isEqualTo(1);
  }

  @Test
  void aWordIsHiddenAsAWholeOrNotAtAll() {
    long[] ids = new long[40_000];
    Arrays.setAll(ids, at -> 1 + at % 4);
    WindowBatch batch = new WindowBatch(ids, new long[ids.length], 1);
    new Masking(9, 9, WORDS).hide(batch, 0, new CounterRandom(3, 1));
    int words = 0;
    for (int at = 0; at < ids.length; at += 4) {
      boolean hidden = batch.targets()[at] != WindowBatch.IGNORED;
      words += hidden ? 1 : 0;
      for (int place = at; place < at + 4; place++) {
        assertThat(batch.targets()[place] != WindowBatch.IGNORED).isEqualTo(hidden);
      }
    }
    assertThat(words / 10_000.0).isBetween(0.14, 0.16);
  }
}
