package dev.lengthwise.quantised;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Bfloat16Test {

  @Test
  void everyNumberOfSixteenBitsStaysItself() {
    for (int bits = Short.MIN_VALUE; bits <= Short.MAX_VALUE; bits++) {
      float value = Bfloat16.value((short) bits);
      if (Float.isNaN(value)) {
        assertThat(Bfloat16.value(Bfloat16.round(value))).isNaN();
      } else {
        assertThat(Bfloat16.round(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void roundsToTheNearestAndOfTwoToTheEven() {
    float step = 0x1p-7f; // between numbers of 1 to 2
    assertThat(rounded(1 + 0.49f * step)).isEqualTo(1);
    assertThat(rounded(1 + 0.51f * step)).isEqualTo(1 + step);
    assertThat(rounded(1 + 0.5f * step)).isEqualTo(1);
    assertThat(rounded(1 + 1.5f * step)).isEqualTo(1 + 2 * step);
    assertThat(rounded(-1 - 1.5f * step)).isEqualTo(-1 - 2 * step);
    assertThat(rounded(Float.MAX_VALUE)).isInfinite();
  }

  @Test
  void aNotANumberOfLowBitsOnlyStaysOne() {
    assertThat(rounded(Float.intBitsToFloat(0x7f800001))).isNaN();
  }

  private static float rounded(float value) {
    return Bfloat16.value(Bfloat16.round(value));
  }
}
