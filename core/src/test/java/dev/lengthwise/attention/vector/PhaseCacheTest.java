package dev.lengthwise.attention.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.Rotation;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import org.junit.jupiter.api.Test;

class PhaseCacheTest {

  private static final Rotation ROTATION =
      new Rotation(
          RotaryTable.geometric(10_000, 4),
          new PositionMap.Divided(1, 0),
          QueryKeyMap.IDENTITY,
          false);

  /// A text under a window asks for ever new blocks.
  @Test
  void whatNobodyAsksForAnyMoreIsForgotten() {
    PhaseCache cache = new PhaseCache();
    for (int block = 0; block < 20_000; block++) {
      cache.byToken(ROTATION, block);
    }
    assertThat(cache.size()).isLessThanOrEqualTo(2 * PhaseCache.FEW_BLOCKS);
  }

  /// Keys that are kept as they are turn for every token: all blocks of a text in turn.
  @Test
  void whatIsAskedForAgainAndAgainStays() {
    int text = 10 * PhaseCache.FEW_BLOCKS;
    PhaseCache cache = new PhaseCache();
    float[][] first = new float[text][];
    for (int token = 0; token < 4; token++) {
      for (int block = 0; block < text; block++) {
        first[block] = cache.byPair(ROTATION, block);
      }
    }
    for (int token = 0; token < 100; token++) {
      for (int block = 0; block < text; block++) {
        assertThat(cache.byPair(ROTATION, block)).isSameAs(first[block]);
      }
      cache.byToken(ROTATION, text + token);
    }
  }

  @Test
  void whatWasForgottenIsComputedAnewWithTheSameBits() {
    PhaseCache cache = new PhaseCache();
    float[] before = cache.byToken(ROTATION, 7);
    for (int block = 0; block < 5_000; block++) {
      cache.byToken(ROTATION, 100 + block);
    }
    assertThat(cache.byToken(ROTATION, 7)).isNotSameAs(before).containsExactly(before);
  }
}
