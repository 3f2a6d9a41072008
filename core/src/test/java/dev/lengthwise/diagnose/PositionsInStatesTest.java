package dev.lengthwise.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class PositionsInStatesTest {

  private static final int TEXTS = 64;
  private static final int TOKENS = 40;
  private static final int HIDDEN = 6;

  // Noise of variance 1 in all channels, and a ramp over positions of variance `ramp²` in the
  // first.
  private static PositionsInStates states(double ramp) {
    SplittableRandom random = new SplittableRandom(1);
    double deviation = Math.sqrt((TOKENS * TOKENS - 1) / 12.0);
    double[] values = new double[TEXTS * TOKENS * HIDDEN];
    for (int at = 0; at < values.length; at++) {
      int position = at / HIDDEN % TOKENS;
      double place = at % HIDDEN == 0 ? (position - (TOKENS - 1) / 2.0) / deviation : 0;
      values[at] = random.nextGaussian() + ramp * place;
    }
    try (PointerScope _ = new PointerScope()) {
      return PositionsInStates.of(3, Tensor.create(values, TEXTS, TOKENS, HIDDEN));
    }
  }

  @Test
  void shareIsThatOfTheVarianceWhichGoesWithThePosition() {
    // 9 of 9 + 6.
    assertThat(states(3).share()).isCloseTo(0.6, Offset.offset(0.01));
  }

  @Test
  void statesWithoutPositionsHaveNoShare() {
    assertThat(states(0).share()).isCloseTo(0, Offset.offset(0.01));
  }

  @Test
  void endsOfARampLieFarthestFromTheMiddle() {
    PositionsInStates found = states(3);

    assertThat(found.layer()).isEqualTo(3);
    assertThat(found.distances().getFirst()).isGreaterThan(1.2);
    assertThat(found.distances().getLast()).isGreaterThan(1.2);
    assertThat(found.distances().get(TOKENS / 2)).isLessThan(0.3);
  }
}
