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
      Ring.Decay decay = Ring.PUBLISHED.at(random.nextDouble(), 1 - random.nextDouble());
      inside += decay.modulus() >= 0.9 && decay.modulus() <= 0.999 ? 1 : 0;
      squares += decay.modulus() * decay.modulus();
      phases += Math.exp(decay.logPhase());
    }
    assertThat(inside).isEqualTo(count);
    assertThat(squares / count).isCloseTo(0.9040005, Offset.offset(3e-4));
    assertThat(phases / count).isCloseTo(Math.PI, Offset.offset(0.02));
  }

  @Test
  void edgesOfTheRingAreReached() {
    assertThat(Ring.PUBLISHED.at(0, 1).modulus()).isCloseTo(0.9, Offset.offset(1e-12));
    assertThat(Ring.PUBLISHED.at(1, 1).modulus()).isCloseTo(0.999, Offset.offset(1e-12));
  }

  @Test
  void gainIsTheRootOfWhatTheDecayLoses() {
    Ring.Decay decay = Ring.PUBLISHED.at(0.3, 0.7);
    double gain = Math.exp(decay.logGain());
    assertThat(gain * gain + decay.modulus() * decay.modulus())
        .isCloseTo(1, Offset.offset(1e-12));
  }
}
