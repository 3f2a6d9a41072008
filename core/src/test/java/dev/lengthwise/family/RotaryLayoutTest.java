package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RotaryLayoutTest {

  @Test
  void pairsOfEachHeadAreTakenApartAndOtherChannelsStay() {
    assertThat(RotaryLayout.halfSplit(2, 6, 4))
        .containsExactly(0, 2, 1, 3, 4, 5, 6, 8, 7, 9, 10, 11);
    assertThat(RotaryLayout.halfSplit(1, 4, 4)).containsExactly(0, 2, 1, 3);
  }
}
