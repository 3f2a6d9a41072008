package dev.lengthwise.recurrence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RingTest {

  /// E r² = (0.9² + 0.999²)/2 = 0.9040005.
  @Test
  void decaysAreUniformInTheRing() {
    SplittableRandom random = new SplittableRandom(6);
    int count = 400_000;
    int inside = 0;
    double squares = 0;
    double phases = 0;
    for (int n = 0; n < count; n++) {
      double modulus = Ring.modulus(Ring.PUBLISHED.logRate(random.nextDouble()));
      inside += modulus >= 0.9 && modulus <= 0.999 ? 1 : 0;
      squares += modulus * modulus;
      phases += Math.exp(Ring.logPhase(1 - random.nextDouble()));
    }
    assertThat(inside).isEqualTo(count);
    assertThat(squares / count).isCloseTo(0.9040005, Offset.offset(3e-4));
    assertThat(phases / count).isCloseTo(Math.PI, Offset.offset(0.02));
  }

  @Test
  void edgesOfTheRingAreReached() {
    assertThat(Ring.modulus(Ring.PUBLISHED.logRate(0))).isCloseTo(0.9, Offset.offset(1e-12));
    assertThat(Ring.modulus(Ring.PUBLISHED.logRate(1))).isCloseTo(0.999, Offset.offset(1e-12));
  }

  @Test
  void gainIsTheRootOfWhatTheDecayLoses() {
    double logRate = Ring.PUBLISHED.logRate(0.3);
    double gain = Math.exp(Ring.logGain(logRate));
    double modulus = Ring.modulus(logRate);
    assertThat(gain * gain + modulus * modulus).isCloseTo(1, Offset.offset(1e-12));
  }
}
