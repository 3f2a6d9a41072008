package dev.lengthwise.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/// Rotary tables, position maps, score scales and score biases.
class PlanPiecesTest {

  @Test
  void plainFrequenciesFallGeometricallyFromOne() {
    RotaryTable table = RotaryTable.geometric(10000, 128);
    assertThat(table.pairs()).isEqualTo(64);
    assertThat(table.frequency(0)).isEqualTo(1);
    assertThat(table.frequency(1)).isCloseTo(0.865964, within(1e-6));
    assertThat(table.frequency(31)).isCloseTo(0.0115478, within(1e-7));
    assertThat(table.frequency(63)).isCloseTo(1.1548e-4, within(1e-8));
    assertThat(RotaryTable.geometric(10000, 0)).isEqualTo(RotaryTable.NONE);
  }

  @Test
  void aTableCannotBeChangedFromOutside() {
    RotaryTable table = RotaryTable.geometric(100, 4);
    table.frequencies()[0] = 5;
    assertThat(table.frequency(0)).isEqualTo(1);
  }

  @Test
  void refusesFrequenciesAndDivisorsThatAreNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RotaryTable(new double[] {Double.NaN}));
    assertThatIllegalArgumentException().isThrownBy(() -> new RotaryTable(new double[] {-1}));
    RotaryTable table = RotaryTable.geometric(100, 4);
    assertThatIllegalArgumentException().isThrownBy(() -> table.dividedBy(new double[1]));
    for (double amplitude : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException().isThrownBy(() -> table.withAmplitude(amplitude));
    }
  }

  @Test
  void tablesOfOtherAmplitudesAreOthers() {
    RotaryTable table = RotaryTable.geometric(100, 4);
    RotaryTable greater = table.withAmplitude(1.5);
    assertThat(table.amplitude()).isEqualTo(1);
    assertThat(greater).isNotEqualTo(table).isEqualTo(table.withAmplitude(1.5));
    assertThat(greater).hasSameHashCodeAs(table.withAmplitude(1.5)).hasToString(table + " × 1.5");
    assertThat(greater.withAmplitude(1)).isEqualTo(table);
    assertThat(greater.dividedBy(new double[] {2, 2}).amplitude()).isEqualTo(1.5);
  }

  @Test
  void positionMapsFollowTheirFormulas() {
    assertThat(PositionMap.IDENTITY.at(17)).isEqualTo(17);
    assertThat(new PositionMap.Divided(4, 3).at(10)).isEqualTo(5.5);
    assertThat(new PositionMap.Fixed(9).at(10)).isEqualTo(9);
    assertThat(new PositionMap.Grouped(4, 6).at(11)).isEqualTo(8);
    assertThat(new PositionMap.Chunked(6, 6, 10).at(13)).isEqualTo(7);
    assertThat(new PositionMap.Chunked(6, 6, 10).at(17)).isEqualTo(10);
    assertThat(new PositionMap.Capped(7).at(6)).isEqualTo(6);
    assertThat(new PositionMap.Capped(7).at(9)).isEqualTo(7);
    assertThatIllegalArgumentException().isThrownBy(() -> new PositionMap.Divided(0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new PositionMap.Grouped(0, 0));
  }

  @Test
  void logScaleHasThePublishedValues() {
    ScoreScale trained = new ScoreScale.LogLength(512, 0);
    assertThat(trained.at(0)).isZero();
    assertThat(trained.at(15)).isCloseTo(0.444, within(1e-3));
    assertThat(trained.at(63)).isCloseTo(0.667, within(1e-3));
    assertThat(trained.at(511)).isEqualTo(1);
    assertThat(trained.at(1023)).isCloseTo(1.111, within(1e-3));
    assertThat(trained.at(4095)).isCloseTo(1.333, within(1e-3));
    ScoreScale postHoc = new ScoreScale.LogLength(512, 1);
    assertThat(postHoc.at(15)).isEqualTo(1);
    assertThat(postHoc.at(511)).isEqualTo(1);
    assertThat(postHoc.at(512)).isGreaterThan(1);
    assertThatIllegalArgumentException().isThrownBy(() -> new ScoreScale.LogLength(1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ScoreScale.Constant(0));
  }

  /// Llama 4: `1 + 0.1 · ln(1 + ⌊(i + 1) / 8192⌋)`.
  @Test
  void stepsOfLengthSharpenScores() {
    ScoreScale llama4 = new ScoreScale.LengthSteps(1, 0.1, 1, 8192);
    assertThat(llama4.at(0)).isEqualTo(1);
    assertThat(llama4.at(8190)).isEqualTo(1);
    assertThat(llama4.at(8191)).isCloseTo(1.0693, within(1e-4));
    assertThat(llama4.at(16382)).isEqualTo(llama4.at(8191));
    assertThat(llama4.at(16383)).isCloseTo(1.1099, within(1e-4));
    ScoreScale doubled = new ScoreScale.LengthSteps(2, 0.1, 0, 8192);
    assertThat(doubled.at(8191)).isEqualTo(2);
    assertThat(doubled.at(8192)).isCloseTo(2 * 1.0693, within(2e-4));
    assertThatIllegalArgumentException().isThrownBy(() -> new ScoreScale.LengthSteps(0, 0.1, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ScoreScale.LengthSteps(1, 0.1, 0, 0));
  }

  @Test
  void publishedSlopesOfEightHeadsHalve() {
    ScoreBias.Linear bias = ScoreBias.Linear.geometric(8, 8, 1);
    for (int head = 0; head < 8; head++) {
      assertThat(bias.slope(head)).isEqualTo(Math.pow(2, -(head + 1)));
    }
    assertThat(ScoreBias.Linear.geometric(1, 8, 1).slope(0)).isEqualTo(1.0 / 256);
  }

  @Test
  void publishedSlopesOfTwelveHeadsContinueWithEverySecondOneOfSixteen() {
    ScoreBias.Linear bias = ScoreBias.Linear.geometric(12, 8, 1);
    assertThat(bias.slope(7)).isEqualTo(1.0 / 256);
    assertThat(bias.slope(8)).isCloseTo(0.7071, within(1e-4));
    assertThat(bias.slope(9)).isCloseTo(0.3536, within(1e-4));
    assertThat(bias.slope(10)).isCloseTo(0.1768, within(1e-4));
    assertThat(bias.slope(11)).isCloseTo(0.0884, within(1e-4));
    assertThat(bias.at(8, 5, 2)).isEqualTo(-2 * bias.slope(8));
  }

  /// By MPT's formula: of 2^(−max/U·m), m = 1 … U, U the next power of two, first those of even m,
  /// then those of odd m. Three heads have 1/16, 1/256 and 1/4.
  @Test
  void slopesAreThoseOfMpt() {
    ScoreBias.Linear three = ScoreBias.Linear.geometric(3, 8, 1);
    assertThat(new double[] {three.slope(0), three.slope(1), three.slope(2)})
        .containsExactly(1.0 / 16, 1.0 / 256, 1.0 / 4);
    for (int heads : new int[] {1, 2, 3, 5, 6, 7, 12, 20, 33, 112}) {
      int upper = Integer.highestOneBit(2 * heads - 1);
      ScoreBias.Linear bias = ScoreBias.Linear.geometric(heads, 16, 0.25);
      for (int head = 0; head < heads; head++) {
        int m = head + 1;
        if (upper != heads) {
          m = 2 * m <= upper ? 2 * m : 2 * (head - upper / 2) + 1;
        }
        assertThat(bias.slope(head))
            .isCloseTo(0.25 * Math.pow(2, -16.0 / upper * m), within(1e-15));
      }
    }
  }
}
