package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.evaluate.TokenOverlap.Pair;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenOverlapTest {

  private static final int[] REFERENCE = {1, 2, 3, 4, 5, 6};

  @Test
  void theSameTextScoresOneAndANewOneZero() {
    assertThat(TokenOverlap.rougeL(REFERENCE, REFERENCE)).isEqualTo(1);
    assertThat(TokenOverlap.bleu(List.of(new Pair(REFERENCE, REFERENCE)))).isEqualTo(1);
    int[] other = {7, 8, 9, 10, 11, 12};
    assertThat(TokenOverlap.rougeL(other, REFERENCE)).isZero();
    assertThat(TokenOverlap.bleu(List.of(new Pair(other, REFERENCE)))).isZero();
  }

  @Test
  void rougeCountsTheLongestCommonSubsequence() {
    // By hand: 1 2 4 6 in common, 2 · 4 / (5 + 6).
    assertThat(TokenOverlap.rougeL(new int[] {1, 2, 9, 4, 6}, REFERENCE)).isEqualTo(8.0 / 11);
  }

  @Test
  void bleuIsTheGeometricMeanOfPrecisionsWithAPenaltyForShortTexts() {
    // By hand: precisions 5/5, 4/4, 3/3, 2/2, and five tokens in place of six: exp(1 − 6/5).
    double shorter = TokenOverlap.bleu(List.of(new Pair(new int[] {1, 2, 3, 4, 5}, REFERENCE)));
    assertThat(shorter).isCloseTo(Math.exp(-0.2), within(1e-12));
    // By hand: 5/6, 4/5, 3/4, 2/3.
    double changed = TokenOverlap.bleu(List.of(new Pair(new int[] {1, 2, 3, 4, 5, 9}, REFERENCE)));
    assertThat(changed).isCloseTo(Math.pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25), within(1e-12));
  }

  @Test
  void aTokenThatIsRepeatedCountsAsOftenAsTheReferenceHasIt() {
    // By hand: one 1 of four counts; 2 · 1 / (4 + 6).
    assertThat(TokenOverlap.rougeL(new int[] {1, 1, 1, 1}, REFERENCE)).isEqualTo(0.2);
  }
}
