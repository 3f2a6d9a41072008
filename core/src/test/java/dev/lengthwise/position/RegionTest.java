package dev.lengthwise.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RegionTest {

  private static final int LENGTH = 40;

  /// Random regions, open and closed, with fixed seed.
  static Stream<Region> regions() {
    Random random = new Random(7);
    return Stream.generate(
            () ->
                new Region(
                    bounds(random, 30),
                    bounds(random, 30),
                    1 + random.nextInt(9),
                    bounds(random, 5)))
        .limit(80);
  }

  private static Bounds bounds(Random random, int limit) {
    long from = random.nextBoolean() ? 0 : random.nextInt(limit);
    return random.nextBoolean()
        ? Bounds.atLeast(from)
        : new Bounds(from, from + random.nextInt(limit));
  }

  @ParameterizedTest
  @MethodSource("regions")
  void keysAreExactlyThoseThatItContains(Region region) {
    for (long query = 0; query < LENGTH; query++) {
      Bounds keys = region.keys(query);
      for (long key = 0; key < LENGTH; key++) {
        if (keys.contains(key) != region.contains(query, key)) {
          fail("%s of query %d against key %d", keys, query, key);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("regions")
  void itsMirrorImageHoldsThePairsTheOtherWayRoundButNoTokenItself(Region region) {
    Region mirrored = region.mirrored();
    for (long query = 0; query < LENGTH; query++) {
      for (long key = 0; key < LENGTH; key++) {
        boolean expected = key > query && region.contains(key, query);
        if (mirrored.contains(query, key) != expected) {
          fail("query %d and key %d of %s", query, key, mirrored);
        }
      }
    }
    assertThatIllegalStateException().isThrownBy(() -> mirrored.keys(3));
    assertThatIllegalStateException().isThrownBy(mirrored::retention);
    assertThatIllegalStateException().isThrownBy(() -> mirrored.coverage(0, 1, 0, 1));
    assertThatIllegalStateException().isThrownBy(mirrored::mirrored);
  }

  @ParameterizedTest
  @MethodSource("regions")
  void coverageIsSoundForEveryRectangleAndExactWhenFull(Region region) {
    Random random = new Random(11);
    for (int trial = 0; trial < 60; trial++) {
      long firstQuery = random.nextInt(LENGTH);
      long lastQuery = firstQuery + random.nextInt(8);
      long firstKey = random.nextInt(LENGTH);
      long lastKey = firstKey + random.nextInt(8);
      List<Boolean> inside = new ArrayList<>();
      for (long query = firstQuery; query <= lastQuery; query++) {
        for (long key = firstKey; key <= lastKey; key++) {
          inside.add(region.contains(query, key));
        }
      }
      Region.Coverage coverage = region.coverage(firstQuery, lastQuery, firstKey, lastKey);
      assertThat(coverage == Region.Coverage.FULL).isEqualTo(!inside.contains(false));
      if (coverage == Region.Coverage.NONE) {
        assertThat(inside).doesNotContain(true);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("regions")
  void retentionKeepsEveryKeyThatAQuerySees(Region region) {
    Retention retention = region.retention();
    for (long query = 0; query < LENGTH; query++) {
      for (long key = 0; key <= query; key++) {
        if (region.contains(query, key)) {
          assertThat(key < retention.prefix() || key > query - retention.window())
              .as("query %d, key %d, %s", query, key, retention)
              .isTrue();
        }
      }
    }
  }

  @Test
  void aWindowOfFarIndicesDoesNotOverflow() {
    Region window = Region.within(Bounds.below(1L << 40));
    assertThat(window.keys((1L << 50) - 1))
        .isEqualTo(new Bounds((1L << 50) - (1L << 40), 1L << 50));
    assertThat(Region.ALL.keys(1L << 50)).isEqualTo(new Bounds(0, (1L << 50) + 1));
  }

  @Test
  void aWindowAndFirstKeysAreRetainedTogether() {
    Retention both =
        Region.within(Bounds.below(256)).retention().and(Region.firstKeys(10, 256).retention());
    assertThat(both).isEqualTo(new Retention(10, 256));
    assertThat(both.keepsAll()).isFalse();
    assertThat(both.firstVisible(1000)).isEqualTo(745);
    assertThat(both.firstVisible(3)).isZero();
  }

  @Test
  void chunksAreRetainedWhole() {
    assertThat(Region.chunks(6, Bounds.below(1)).retention()).isEqualTo(new Retention(0, 6));
    assertThat(Region.chunks(6, Bounds.atLeast(2)).retention().keepsAll()).isTrue();
  }

  @Test
  void refusesChunksWithoutTokens() {
    assertThatIllegalArgumentException().isThrownBy(() -> Region.chunks(0, Bounds.ALL));
  }
}
