package dev.lengthwise.experiment.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.parallel.Workers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The theorems that [Theory] shows.
class TheoryTest {

  private static final int DISTANCES = 600;
  private static final ScoreBound.Draws DRAWS = new ScoreBound.Draws(16, 7);

  @ParameterizedTest
  @EnumSource(ScoreBound.Family.class)
  void scoresAreAtLeastTheBound(ScoreBound.Family family) {
    ScoreBound bound = family.upTo(DISTANCES, DRAWS);

    for (int n : new int[] {2, 20, 200, DISTANCES}) {
      assertThat(bound.greatest(n)).isGreaterThan(bound.bound(n));
    }
  }

  /// The first of eight heads has the slope 1/2: distances are 1 apart from 2 tokens on.
  @Test
  void alibiTellsHalfOfAllDistancesApart() {
    assertThat(ScoreBound.Family.ALIBI.upTo(DISTANCES, DRAWS).apart(DISTANCES)).isEqualTo(300);
  }

  /// Whoever asks for greater differences gets a greater bound: twice the distances,
  /// twice the bound.
  @Test
  void theBoundOfAlibiGrowsWithTheDistance() {
    ScoreBound alibi = ScoreBound.Family.ALIBI.upTo(DISTANCES, DRAWS);

    assertThat(alibi.bound(600) / alibi.bound(300)).isBetween(1.4, 2.9);
    assertThat(alibi.bound(600)).isGreaterThan(600 / 2.0 / Math.sqrt(2) / (4 * Math.E));
  }

  @Test
  void oneDistanceBoundsNothing() {
    assertThat(ScoreBound.Family.ROPE.upTo(DISTANCES, DRAWS).bound(1)).isZero();
  }

  @Test
  void beyondAWindowNothingMoreIsToldApart() {
    ScoreBound window = ScoreBound.Family.WINDOW.upTo(DISTANCES, DRAWS);

    assertThat(window.apart(DISTANCES)).isEqualTo(window.apart(256)).isPositive();
  }

  @Test
  void aLayerWithoutPositionsTellsThePosition() {
    try (Workers workers = new Workers(1)) {
      for (List<Float> outputs :
          List.of(
              PositionLayer.outputs(new VectorAttention(workers), 1500),
              PositionLayer.outputs(new TorchAttention(), 1500))) {
        assertThat(outputs).hasSize(1500);
        for (int index = 0; index < 1500; index++) {
          double expected = 1.0 / (index + 1);
          // One rounding of the sum, one of the quotient.
          assertThat(outputs.get(index).doubleValue())
              .isBetween(expected * (1 - 2.5e-7), expected * (1 + 2.5e-7));
        }
      }
    }
  }
}
