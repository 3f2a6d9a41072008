package dev.lengthwise.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Retention;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Published relative positions and counts of methods that change which keys are seen, and where.
class BranchGoldenTest {

  @Test
  void selfExtendHasThePublishedRow() {
    assertThat(Positions.row(new SelfExtend(4, 8), 31))
        .containsExactly(
            13, 13, 13, 13, 12, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9, 9, 9, 8, 8, 8, 8,
            7, 6, 5, 4, 3, 2, 1, 0);
  }

  @Test
  void selfExtendStaysWithinOneOfLeakyRerope() {
    double[] grouped = Positions.row(new SelfExtend(4, 8), 100);
    double[] leaky = Positions.row(new LeakyRerope(8, 4), 100);
    for (int key = 0; key < grouped.length; key++) {
      assertThat(Math.abs(grouped[key] - leaky[key])).isLessThan(1);
    }
  }

  @Test
  void selfExtendOfGroupOneIsRope() {
    assertThat(Positions.row(new SelfExtend(1, 8), 50)).isEqualTo(Positions.row(new Rope(), 50));
  }

  @Test
  void selfExtendChoosesTheGroupFromTheTargetLength() {
    ModelShape shape = Positions.SHAPE;
    MethodParser aiming = new MethodParser(shape, new Rope(), OptionalLong.of(4096));
    assertThat(aiming.parse("self-extend")).isEqualTo(new SelfExtend(31, 128));
    assertThat(new MethodParser(shape, new Rope()).parse("self-extend"))
        .isEqualTo(new SelfExtend(8, 128));
  }

  @Test
  void dualChunkHasThePublishedRows() {
    PositionMethod method = new DualChunk(10, 4);
    assertThat(Positions.row(method, 13))
        .containsExactly(10, 9, 8, 7, 6, 5, 7, 6, 5, 4, 3, 2, 1, 0);
    assertThat(Positions.row(method, 11)).containsExactly(10, 9, 8, 7, 6, 5, 5, 4, 3, 2, 1, 0);
  }

  @Test
  void dualChunkIsExactNearbyAndNeverBeyondTheChunk() {
    PositionMethod method = new DualChunk(10, 4);
    for (int query = 0; query < 60; query++) {
      double[] row = Positions.row(method, query);
      for (int key = 0; key <= query; key++) {
        assertThat(row[key]).isBetween(0.0, 10.0);
        if (query - key <= 4 || query < 6) {
          assertThat(row[key]).isEqualTo(query - key);
        }
      }
    }
  }

  @Test
  void dualChunkTakesItsDefaultsFromTheTrainedLength() {
    assertThat(new MethodParser(Positions.SHAPE, new Rope()).parse("dual-chunk"))
        .isEqualTo(new DualChunk(384, 64));
  }

  @Test
  void streamingLlmCountsPositionsInCacheSlots() {
    PositionMethod method = new StreamingLlm(4, 4);
    long[] cached = {0, 1, 2, 3, 6, 7, 8, 9};
    for (int slot = 0; slot < cached.length; slot++) {
      assertThat(Positions.relative(method, 9, cached[slot])).hasValue(7 - slot);
    }
    assertThat(Positions.relative(method, 9, 4)).isEmpty();
    assertThat(Positions.relative(method, 9, 5)).isEmpty();
    assertThat(Positions.relative(method, 1000, 0)).hasValue(7);
    assertThat(Positions.plan(method).retention()).isEqualTo(new Retention(4, 4));
  }

  @Test
  void lmInfiniteAttendsThePublishedNumberOfKeys() {
    long local = 12;
    for (long global : new long[] {0, 1, 5, 12, 20}) {
      for (long query = 0; query < 80; query++) {
        long expected =
            Math.min(query + 1, local) + Math.min(global, Math.max(0, query + 1 - local));
        assertThat(Positions.seen(Positions.lmInfinite(local, global), query)).isEqualTo(expected);
      }
    }
  }

  @Test
  void lmInfinitePutsAllFirstKeysAtTheCeiling() {
    PositionMethod method = Positions.lmInfinite(12, 3);
    assertThat(Positions.relative(method, 11, 0)).hasValue(11);
    for (long query = 14; query < 40; query++) {
      assertThat(Positions.relative(method, query, 0)).hasValue(12);
      assertThat(Positions.relative(method, query, 2)).hasValue(12);
    }
    assertThat(Positions.relative(method, 40, 3)).isEmpty();
    assertThat(Positions.relative(method, 40, 28)).isEmpty();
    assertThat(Positions.relative(method, 40, 29)).hasValue(11);
    assertThat(Positions.plan(method).retention()).isEqualTo(new Retention(3, 12));
  }

  @Test
  void lmInfiniteWithoutACeilingLeavesTheFirstKeysWhereTheyAre() {
    PositionMethod method = new LmInfinite(12, 3, OptionalLong.empty(), Optional.empty());
    for (long query = 14; query < 40; query++) {
      assertThat(Positions.relative(method, query, 0)).hasValue((double) query);
      assertThat(Positions.relative(method, query, 2)).hasValue((double) (query - 2));
      assertThat(Positions.seen(method, query))
          .isEqualTo(Positions.seen(Positions.lmInfinite(12, 3), query));
    }
    assertThat(Positions.plan(method).retention()).isEqualTo(new Retention(3, 12));
  }

  @Test
  void lmInfiniteWithoutGlobalKeysIsAWindow() {
    assertThat(Positions.plan(Positions.lmInfinite(12, 0)))
        .isEqualTo(Positions.plan(new Window(12)));
  }

  @Test
  void lmInfiniteLimitsTheBiasOfAnAlibiModel() {
    ModelShape shape = new ModelShape(1, 8, 8, 16, 0, 0, 12);
    AttentionPlan plan =
        new PlanFunction(shape, new Alibi(), Positions.lmInfinite(12, 3)).plan(0, 100);
    assertThat(plan.rotary()).isEqualTo(RotaryTable.NONE);
    for (long query = 0; query < 100; query++) {
      for (long key = 0; key <= query; key++) {
        for (Branch branch : plan.branches()) {
          if (branch.region().contains(query, key)) {
            double distance = Math.min(query - key, 12);
            assertThat(plan.bias().at(2, query, branch.relativePosition(query, key)))
                .isEqualTo(-0.125 * distance);
          }
        }
      }
    }
  }

  @Test
  void lmInfiniteAndStreamingLlmAgreeOnOneFirstToken() {
    for (long query = 0; query < 50; query++) {
      for (long key = 0; key <= query; key++) {
        assertThat(Positions.relative(Positions.lmInfinite(7, 1), query, key))
            .isEqualTo(Positions.relative(new StreamingLlm(1, 7), query, key));
      }
    }
  }

  @Test
  void reropeCutsDistancesOff() {
    double[] row = Positions.row(new Rerope(16), 60);
    for (int key = 0; key <= 60; key++) {
      assertThat(row[key]).isEqualTo(Math.min(60 - key, 16));
    }
  }

  @Test
  void leakyReropeReachesThePublishedPositions() {
    assertThat(farthest(128, 16)).isCloseTo(375.9, within(0.05));
    assertThat(farthest(128, 8)).isCloseTo(623.9, within(0.05));
    assertThat(farthest(256, 16)).isCloseTo(495.9, within(0.05));
    assertThat(farthest(256, 8)).isCloseTo(735.9, within(0.05));
  }

  private static double farthest(long window, double factor) {
    return Positions.relative(new LeakyRerope(window, factor), 4095, 0).orElseThrow();
  }

  @Test
  void leakyReropeIsContinuousAndStrictlyIncreasing() {
    double[] row = Positions.row(new LeakyRerope(16, 5), 100);
    for (int key = 0; key < 100; key++) {
      double step = row[key] - row[key + 1];
      assertThat(step).isCloseTo(100 - key > 16 ? 0.2 : 1, within(1e-12));
    }
  }

  @Test
  void leakyReropeLiesBetweenRopeAndRerope() {
    assertThat(Positions.row(new LeakyRerope(16, 1), 60)).isEqualTo(Positions.row(new Rope(), 60));
    double[] nearlyRerope = Positions.row(new LeakyRerope(16, 1e12), 60);
    double[] rerope = Positions.row(new Rerope(16), 60);
    for (int key = 0; key <= 60; key++) {
      assertThat(nearlyRerope[key]).isCloseTo(rerope[key], within(1e-9));
    }
  }

  @Test
  void inverseLeakyTrainingReachesThePublishedIndex() {
    assertThat(Positions.relative(new LeakyRerope(128, 1.0 / 16), 511, 0)).hasValue(6256);
  }

  @Test
  void alibiReplacesRotationByTheBias() {
    AttentionPlan plan = new PlanFunction(Positions.SHAPE, new Rope(), new Alibi()).plan(0, 100);
    assertThat(plan.rotary()).isEqualTo(RotaryTable.NONE);
    assertThat(plan.bias()).isEqualTo(ScoreBias.Linear.geometric(8, 8, 1));
    assertThat(plan.branches()).containsExactly(Branch.PLAIN);
  }

  @Test
  void nopeTakesEverythingAway() {
    assertThat(new PlanFunction(Positions.SHAPE, new Alibi(), new Nope()).plan(0, 100))
        .isEqualTo(AttentionPlan.plain(RotaryTable.NONE));
  }

  @Test
  void ropeTakesDeclaredScalingAway() {
    PositionMethod declared = Positions.yarn(8, 512);
    assertThat(new PlanFunction(Positions.SHAPE, declared, new Rope()).plan(0, 100))
        .isEqualTo(AttentionPlan.plain(Positions.SHAPE.plainRotary()));
  }
}
