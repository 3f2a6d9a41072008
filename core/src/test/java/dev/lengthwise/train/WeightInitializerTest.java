package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightRole;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.recurrence.Ring;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class WeightInitializerTest {

  private static Map<WeightRole, float[]> weights(String architecture) {
    ModelSpec spec = Architectures.spec(architecture, 40, 100, 150);
    WeightInitializer first = new WeightInitializer(spec, Initialisation.GPT2);
    Map<WeightRole, float[]> weights = new EnumMap<>(WeightRole.class);
    int place = 0;
    for (WeightSpec tensor : WeightList.of(spec)) {
      weights.put(tensor.role(), first.of(tensor, new CounterRandom(1, place++)));
    }
    return weights;
  }

  private static float[] of(Map<WeightRole, float[]> weights, WeightRole role) {
    return Objects.requireNonNull(weights.get(role));
  }

  private static double deviation(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares / values.length);
  }

  /// kexue.fm 9052: 1.13684723/√inputs · layers^(−1/3) before the cut; here of the projection back
  /// to the stream, from 150 channels, of 2 layers.
  @Test
  void gatedUnitsStartAsInGauAlpha() {
    float[] values = of(weights("gau"), WeightRole.GATED_UNIT);
    double expected = 1 / Math.sqrt(150) / Math.cbrt(2);
    assertThat(deviation(values)).isCloseTo(expected, Percentage.withPercentage(2));
    float greatest = 0;
    for (float value : values) {
      greatest = Math.max(greatest, Math.abs(value));
    }
    assertThat((double) greatest)
        .isBetween(1.9 * 1.13684723 * expected, 2.0001 * 1.13684723 * expected);
  }

  @Test
  void recurrencesStartInTheRingWithTheirGains() {
    Map<WeightRole, float[]> weights = weights("lru");
    for (int channel = 0; channel < 100; channel++) {
      double modulus = Ring.modulus(of(weights, WeightRole.LOG_RATE)[channel]);
      double gain = Math.exp(of(weights, WeightRole.LOG_GAIN)[channel]);
      assertThat(modulus).isBetween(0.89999, 0.99901);
      assertThat(gain * gain + modulus * modulus).isCloseTo(1, Offset.offset(1e-6));
    }
    assertThat(deviation(of(weights, WeightRole.RECURRENT_INPUT)))
        .isCloseTo(Math.sqrt(0.5 / 100), Percentage.withPercentage(2));
  }

  @Test
  void theOthersAreSmallAndNormalAndGainsAreOne() {
    Map<WeightRole, float[]> weights = weights("parallel");
    assertThat(deviation(of(weights, WeightRole.GATED)))
        .isCloseTo(0.02, Percentage.withPercentage(3));
    assertThat(deviation(of(weights, WeightRole.FEED_FORWARD_OUTPUT)))
        .isCloseTo(0.01, Percentage.withPercentage(3));
    assertThat(of(weights, WeightRole.GAIN)).containsOnly(1);
    assertThat(of(weights, WeightRole.BIAS)).containsOnly(0);
  }
}
