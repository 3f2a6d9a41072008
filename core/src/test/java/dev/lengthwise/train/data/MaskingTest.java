package dev.lengthwise.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.parallel.CounterRandom;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class MaskingTest {

  private static final int TOKENS = 200_000;
  private static final int MASK = 1000;

  private static WindowBatch hidden(long place) {
    long[] ids = new long[TOKENS];
    Arrays.setAll(ids, at -> at % MASK);
    WindowBatch batch = new WindowBatch(ids, new long[TOKENS], 1);
    new Masking(MASK, MASK, WordLexicon.NONE).hide(batch, 0, new CounterRandom(4, place));
    return batch;
  }

  /// 15 % are hidden: 80 % of them under the mask, 10 % under a random token, 10 % under
  /// themselves.
  @Test
  void sharesAreThoseOfBert() {
    WindowBatch batch = hidden(1);
    int hidden = 0;
    int masked = 0;
    int kept = 0;
    for (int at = 0; at < TOKENS; at++) {
      long id = at % MASK;
      if (batch.targets()[at] == WindowBatch.IGNORED) {
        assertThat(batch.inputs()[at]).isEqualTo(id);
      } else {
        assertThat(batch.targets()[at]).isEqualTo(id);
        hidden++;
        masked += batch.inputs()[at] == MASK ? 1 : 0;
        kept += batch.inputs()[at] == id ? 1 : 0;
      }
    }
    assertThat(batch.scored()).isEqualTo(hidden);
    assertThat((double) hidden / TOKENS).isCloseTo(0.15, Offset.offset(0.003));
    assertThat((double) masked / hidden).isCloseTo(0.8, Offset.offset(0.01));
    assertThat((double) kept / hidden).isCloseTo(0.1, Offset.offset(0.01));
  }

  @Test
  void thePlaceDecides() {
    assertThat(hidden(1).inputs()).isEqualTo(hidden(1).inputs()).isNotEqualTo(hidden(2).inputs());
  }
}
