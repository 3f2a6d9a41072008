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

  // A ramp of deviation 3 beside noise of deviation 1 in its channel explains 9 of 10 of what
  // a ramp explains of the logarithm.
  @Test
  void aLineReadsThePositionFromARamp() {
    double ofRamp = square(correlation());
    assertThat(states(3).read()).isCloseTo(0.9 * ofRamp, Offset.offset(0.02));
    assertThat(states(0).read()).isCloseTo(0, Offset.offset(0.02));
  }

  private static double square(double number) {
    return number * number;
  }

  // Of positions with their logarithms.
  private static double correlation() {
    double place = (TOKENS + 1) / 2.0;
    double logarithm = 0;
    for (int n = 1; n <= TOKENS; n++) {
      logarithm += Math.log(n) / TOKENS;
    }
    double together = 0;
    double places = 0;
    double logarithms = 0;
    for (int n = 1; n <= TOKENS; n++) {
      together += (n - place) * (Math.log(n) - logarithm);
      places += square(n - place);
      logarithms += square(Math.log(n) - logarithm);
    }
    return together / Math.sqrt(places * logarithms);
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
