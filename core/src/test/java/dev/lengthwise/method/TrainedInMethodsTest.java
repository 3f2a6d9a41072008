package dev.lengthwise.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Retention;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreScale;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Plans of the methods that models are trained with, against what their sources publish.
class TrainedInMethodsTest {

  /// The model of the kexue posts: 24 layers, trained at 512.
  private static final ModelShape SHAPE = new ModelShape(24, 1, 1, 128, 128, 10_000, 512);

  private static PositionMethod method(String text) {
    return new MethodParser(SHAPE, new Rope()).parse(text);
  }

  private static AttentionPlan plan(PositionMethod method, int layer) {
    return new PlanFunction(SHAPE, method, method).plan(layer, 512);
  }

  /// kexue.fm 9603: windows of 16 reach 346 tokens, of 17 369; 18 (392) are above 3/4 of 512.
  @Test
  void hwfaTakesTheLargestWindowOfThreeQuarters() {
    assertThat(method("hwfa")).isEqualTo(new Hwfa(17, 512));
    assertThat(Hwfa.largestWindow(new ModelShape(1, 1, 1, 8, 8, 10_000, 16))).isEqualTo(12);
  }

  @Test
  void hwfaSeesWindowsBelowAndEverythingOnTop() {
    for (int layer = 0; layer < 23; layer++) {
      AttentionPlan plan = plan(method("hwfa:window=16"), layer);
      assertThat(plan.rotary()).isEqualTo(SHAPE.plainRotary());
      assertThat(plan.retention()).isEqualTo(new Retention(0, 16));
      assertThat(plan.scale()).isEqualTo(ScoreScale.ONE);
    }
    AttentionPlan last = plan(method("hwfa:window=16"), 23);
    assertThat(last.rotary()).isEqualTo(RotaryTable.NONE);
    assertThat(last.branches()).containsExactly(Branch.PLAIN);
    assertThat(last.scale()).isEqualTo(new ScoreScale.LogLength(512, 0));
  }

  /// kexue.fm 9731: one full layer at 12 of 24, or two at 8 and 16; window 64, ReRoPE 256.
  @Test
  void hwfa2PutsFullLayersInTheMiddle() {
    assertThat(method("hwfa2")).isEqualTo(new Hwfa2(64, 1, 256));
    assertThat(fullLayers(new Hwfa2(64, 1, 256))).containsExactly(12L);
    assertThat(fullLayers(new Hwfa2(64, 2, 256))).containsExactly(8L, 16L);
    assertThat(plan(method("hwfa2"), 12).branches())
        .isEqualTo(plan(new Rerope(256), 12).branches());
    assertThat(plan(method("hwfa2").training(), 12))
        .isEqualTo(AttentionPlan.plain(SHAPE.plainRotary()));
    assertThat(plan(method("hwfa2").training(), 11)).isEqualTo(plan(new Window(64), 11));
  }

  private static LongStream fullLayers(Hwfa2 method) {
    return LongStream.range(0, 24).filter(layer -> method.isFull(SHAPE, (int) layer));
  }

  @Test
  void inverseLeakyStretchesInTrainingOnly() {
    assertThat(plan(method("inverse-leaky"), 0)).isEqualTo(plan(new Rope(), 0));
    assertThat(method("inverse-leaky").training()).isEqualTo(new LeakyRerope(128, 1.0 / 16));
    assertThat(plan(new InverseLeaky(128, 1).training(), 0).branches().get(1).key())
        .isEqualTo(PositionMap.IDENTITY);
  }

  @Test
  void distinctPositionsAreSortedDifferentAndBelowTheEnd() {
    RandomPositions method = new RandomPositions(false, 600);
    for (long seed = 0; seed < 20; seed++) {
      double[] positions = method.positions(512, seed);
      assertThat(positions).hasSize(512).isSorted().doesNotHaveDuplicates();
      assertThat(positions[0]).isNotNegative();
      assertThat(positions[511]).isLessThan(600);
      assertThat(method.positions(512, seed)).isEqualTo(positions);
    }
    assertThat(method.positions(512, 1)).isNotEqualTo(method.positions(512, 2));
    assertThat(new RandomPositions(false, 512).positions(512, 3))
        .isEqualTo(LongStream.range(0, 512).asDoubleStream().toArray());
  }

  /// Every number is as likely as any other.
  @Test
  void distinctPositionsAreUniform() {
    int[] counts = new int[20];
    RandomPositions method = new RandomPositions(false, 20);
    for (long seed = 0; seed < 4000; seed++) {
      for (double position : method.positions(5, seed)) {
        counts[(int) position]++;
      }
    }
    for (int count : counts) {
      assertThat((double) count).isCloseTo(1000, within(5 * Math.sqrt(750)));
    }
  }

  /// kexue.fm 9444: the last position is exponential with mean N, so 3σ of the mean of many draws
  /// is `3N/√draws`.
  @Test
  void exponentialPositionsKeepTheMean() {
    RandomPositions method = new RandomPositions(true, 512);
    int draws = 4000;
    double sum = 0;
    for (long seed = 0; seed < draws; seed++) {
      double[] positions = method.positions(64, seed);
      assertThat(positions[0]).isZero();
      assertThat(positions[21]).isCloseTo(positions[63] / 3, within(1e-9));
      sum += positions[63];
    }
    assertThat(sum / draws).isCloseTo(64, within(3 * 64 / Math.sqrt(draws)));
  }

  @Test
  void drawsReachThePlanThroughCombinations() {
    PositionMethod training = method("random-positions:max=4096+log-n:minimum=0").training();
    assertThat(training.drawsPositions()).isTrue();
    AttentionPlan one = plan(training.drawn(1), 0);
    assertThat(one.branches().getFirst().query())
        .isEqualTo(new PositionMap.Listed(new RandomPositions(false, 4096).positions(512, 1)));
    assertThat(one.scale()).isEqualTo(new ScoreScale.LogLength(512, 0));
    assertThat(plan(training.drawn(2), 0)).isNotEqualTo(one);
    assertThat(plan(training.drawn(1), 5)).isEqualTo(one);
  }

  @Test
  void whatAModelCannotDoIsRefused() {
    assertThatThrownBy(() -> method("random-positions:max=511"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("max must be a whole number from 512");
    ModelShape partial = new ModelShape(1, 1, 1, 16, 8, 10_000, 512);
    assertThatThrownBy(() -> new MethodParser(partial, new Rope()).parse("coca"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("8 of 16 channels turn");
    assertThatThrownBy(() -> new MethodParser(partial, new Rope()).parse("hwfa2:full=2"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("full must be at most the number of layers, which is 1, found 2");
  }

  @Test
  void listedPositionsGoOnOneByOne() {
    PositionMap.Listed list = new PositionMap.Listed(0, 3, 3.5);
    assertThat(list.at(1)).isEqualTo(3);
    assertThat(list.at(2)).isEqualTo(3.5);
    assertThat(list.at(4)).isEqualTo(5.5);
    assertThatThrownBy(() -> new PositionMap.Listed(0, 2, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
