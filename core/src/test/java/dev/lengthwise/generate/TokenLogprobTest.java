package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.generate.TokenLogprob.Candidate;
import org.junit.jupiter.api.Test;

class TokenLogprobTest {

  /// Probabilities 0.1, 0.4, 0.2, 0.3, with a common factor.
  private static final float[] LOGITS = {
    (float) Math.log(1), (float) Math.log(4), (float) Math.log(2), (float) Math.log(3)
  };

  @Test
  void logarithmsAreThoseOfTheSoftmax() {
    TokenLogprob found = TokenLogprob.of(LOGITS, 2, 3);

    assertThat(found.logprob()).isCloseTo(Math.log(0.2), within(1e-6));
    assertThat(found.top()).extracting(Candidate::id).containsExactly(1, 3, 2);
    assertThat(found.top().getFirst().logprob()).isCloseTo(Math.log(0.4), within(1e-6));
  }

  @Test
  void entropyIsThatOfAllTokens() {
    double expected = -(0.1 * Math.log(0.1) + 0.4 * Math.log(0.4) + 0.2 * Math.log(0.2));

    assertThat(TokenLogprob.of(LOGITS, 2, 0).entropy())
        .isCloseTo(expected - 0.3 * Math.log(0.3), within(1e-6));
    assertThat(TokenLogprob.of(new float[] {3, Float.NEGATIVE_INFINITY}, 0, 0).entropy()).isZero();
  }

  @Test
  void noneOrMoreThanThereAreCanBeAskedFor() {
    assertThat(TokenLogprob.of(LOGITS, 0, 0).top()).isEmpty();
    assertThat(TokenLogprob.of(LOGITS, 0, 9).top())
        .extracting(Candidate::id)
        .containsExactly(1, 3, 2, 0);
    assertThat(TokenLogprob.of(new float[] {1, 1, 1}, 0, 2).top())
        .extracting(Candidate::id)
        .containsExactly(0, 1);
  }
}
