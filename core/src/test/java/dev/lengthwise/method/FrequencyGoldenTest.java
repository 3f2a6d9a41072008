package dev.lengthwise.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Published divisors, bases and temperatures of methods that change frequencies.
class FrequencyGoldenTest {

  private static final Offset<Double> PRINTED = within(6e-4);

  private static double[] divisors(PositionMethod method, ModelShape shape) {
    RotaryTable plain = shape.plainRotary();
    RotaryTable table = method.parts(shape, 0, shape.trainedLength()).toPlan().rotary();
    double[] divisors = new double[plain.pairs()];
    Arrays.setAll(divisors, pair -> plain.frequency(pair) / table.frequency(pair));
    return divisors;
  }

  // The base of a plain table: its second frequency is base^(−2/size).
  private static double base(PositionMethod method, ModelShape shape, long length) {
    RotaryTable table = method.parts(shape, 0, length).toPlan().rotary();
    return Math.pow(table.frequency(1), -shape.rotarySize() / 2.0);
  }

  private static ModelShape trainedAt(long length) {
    return Positions.SHAPE.withTrainedLength(length);
  }

  private static void assertDivisors(double[] found, double... expected) {
    int[] pairs = {0, 15, 31, 47, 63};
    for (int index = 0; index < pairs.length; index++) {
      assertThat(found[pairs[index]])
          .as("pair %d", pairs[index])
          .isCloseTo(expected[index], PRINTED);
    }
  }

  @Test
  void linearDividesEveryPairByTheFactor() {
    assertDivisors(divisors(new LinearScaling(8), Positions.SHAPE), 8, 8, 8, 8, 8);
  }

  @Test
  void ntkHasThePublishedBaseAndDivisors() {
    assertThat(Frequencies.stretchedBaseOf(Positions.SHAPE, 8)).isCloseTo(82684.62, within(0.005));
    assertDivisors(divisors(new Ntk(8), Positions.SHAPE), 1, 1.641, 2.782, 4.718, 8);
  }

  @Test
  void ntkMixedHasThePublishedDivisors() {
    double[] mixed = divisors(new NtkMixed(8, 0.625), Positions.SHAPE);
    assertDivisors(mixed, 1.167, 2.397, 3.851, 5.682, 8);
    for (int pair = 2; pair < mixed.length; pair++) {
      assertThat(mixed[pair] / mixed[pair - 1]).isLessThan(mixed[pair - 1] / mixed[pair - 2]);
    }
  }

  @Test
  void ntkMixedEndsAreNtkFixedAndInterpolation() {
    assertDivisors(divisors(new NtkMixed(8, 1), Positions.SHAPE), 1.0330, 1.682, 2.828, 4.757, 8);
    assertDivisors(divisors(new NtkMixed(8, 0), Positions.SHAPE), 8, 8, 8, 8, 8);
  }

  @ParameterizedTest
  @CsvSource({
    "1,4096,512,82684.62",
    "2,4096,512,156588.3",
    "8,4096,512,607779.3",
    "2,8192,4096,30527.7"
  })
  void dynamicNtkHasThePublishedBasesOfHeadSize128(
      double factor, long length, long original, double base) {
    assertThat(base(new DynamicNtk(factor, original), Positions.SHAPE, length))
        .isCloseTo(base, within(0.06));
  }

  @ParameterizedTest
  @CsvSource({
    "512,10000,10000,10000",
    "513,10040.3,10080.7,10161.3",
    "1024,31082.2,52664.4,96610.5",
    "2048,74534.8,141213.8,277354.3",
    "4096,163692.8,323275.0,649405.5",
    "8192,346314.1,696500.0,1412446.5",
    "16384,720085.0,1460670.5,2975062.5",
    "32768,1484801.4,3024409.1,6172972.3"
  })
  void dynamicNtkHasThePublishedBasesOfHeadSize64(
      long length, double two, double four, double eight) {
    ModelShape shape = new ModelShape(1, 16, 16, 64, 64, 10000, 512);
    assertThat(base(new DynamicNtk(2, 512), shape, length)).isCloseTo(two, within(0.06));
    assertThat(base(new DynamicNtk(4, 512), shape, length)).isCloseTo(four, within(0.06));
    assertThat(base(new DynamicNtk(8, 512), shape, length)).isCloseTo(eight, within(0.06));
  }

  @Test
  void dynamicNtkKeepsTheFastestPairAndStretchesTheSlowest() {
    RotaryTable table = Positions.plan(new DynamicNtk(4, 512), 4096).rotary();
    assertThat(table.frequency(0)).isEqualTo(1);
    assertThat(table.frequency(63))
        .isCloseTo(Positions.SHAPE.plainRotary().frequency(63) / (4 * 8 - 3), within(1e-15));
  }

  @ParameterizedTest
  @CsvSource({"512,6,31", "2048,16,41", "4096,20,46"})
  void yarnRampHasThePublishedEnds(long original, double first, double last) {
    assertThat(Positions.byParts(original).rampEnds(trainedAt(original)))
        .containsExactly(first, last);
  }

  @Test
  void yarnHasThePublishedDivisorsAlongTheIndexRamp() {
    double[] found = divisors(Positions.yarn(8, 4096), trainedAt(4096));
    assertThat(found[15]).isEqualTo(1);
    assertThat(found[20]).isEqualTo(1);
    assertThat(found[31]).isCloseTo(1.5878, within(5e-5));
    assertThat(found[45]).isCloseTo(6.3030, within(5e-5));
    assertThat(found[46]).isCloseTo(8, within(1e-12));
  }

  @Test
  void yarnAlongTheTurnsDiffersMuch() {
    ByParts turns = new ByParts(4096, 1, 32, ByParts.Ramp.TURNS, true);
    assertThat(divisors(new NtkByParts(8, turns), trainedAt(4096))[31])
        .isCloseTo(3.23, within(5e-3));
  }

  @Test
  void yarnLeavesHighFrequenciesAloneAndDividesLowOnesByTheFactor() {
    for (ByParts.Ramp ramp : ByParts.Ramp.values()) {
      ByParts rule = new ByParts(512, 1, 32, ramp, true);
      RotaryTable table = rule.table(Positions.SHAPE, 8);
      RotaryTable plain = Positions.SHAPE.plainRotary();
      for (int pair = 0; pair < 64; pair++) {
        double turns = 512 * plain.frequency(pair) / (2 * Math.PI);
        if ((turns > 32 && ramp == ByParts.Ramp.TURNS) || pair <= 6) {
          assertThat(table.frequency(pair)).isEqualTo(plain.frequency(pair));
        }
        if (turns < 1 && pair >= 31) {
          assertThat(table.frequency(pair)).isEqualTo(plain.frequency(pair) / 8);
        }
      }
      double[] divisors = divisors(new NtkByParts(8, rule), Positions.SHAPE);
      for (int pair = 1; pair < 64; pair++) {
        assertThat(divisors[pair]).isGreaterThanOrEqualTo(divisors[pair - 1] - 1e-12);
      }
    }
  }

  @Test
  void yarnRampOfOnePairIsAStep() {
    ModelShape narrow = new ModelShape(1, 1, 1, 8, 8, 10000, 7);
    assertThat(Positions.byParts(7).rampEnds(narrow)).containsExactly(0, 1);
    ModelShape tiny = narrow.withTrainedLength(3);
    double[] ends = Positions.byParts(3).rampEnds(tiny);
    assertThat(ends[0]).isEqualTo(ends[1]);
    double[] found = divisors(Positions.yarn(4, 3), tiny);
    assertThat(found[0]).isEqualTo(1);
    assertThat(found[1]).isCloseTo(4, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"8,1.459129", "16,1.631390", "32,1.813260"})
  void yarnScalesScoresByTheSquareOfTheTemperature(double factor, double scale) {
    AttentionPlan plan = Positions.plan(Positions.yarn(factor, 512));
    double[] vector = new double[128];
    Arrays.fill(vector, 1 / Math.sqrt(Math.sqrt(128)));
    assertThat(ReferenceAttention.score(plan, 0, vector, 0, vector, 0))
        .isCloseTo(scale, within(1e-6));
  }

  @Test
  void yarnKnowsTheTwoTemperaturesOfHuggingFace() {
    assertThat(Yarn.attention(40, 1, 1)).isEqualTo(1);
    assertThat(Yarn.attention(40, 0.707, 1))
        .isCloseTo((0.0707 * Math.log(40) + 1) / (0.1 * Math.log(40) + 1), within(1e-12));
    assertThat(Yarn.attention(40, 0, 1)).isCloseTo(0.1 * Math.log(40) + 1, within(1e-12));
    assertThat(
            new MethodParser(Positions.SHAPE, new Rope())
                .parse("yarn:factor=40,mscale=0.707,mscale_all_dim=1"))
        .isEqualTo(new Yarn(40, Positions.byParts(512), Yarn.attention(40, 0.707, 1), 1));
  }

  @Test
  void aFactorOfYarnOnWholeScoresGoesWithItsFrequencies() {
    MethodParser parser = new MethodParser(Positions.SHAPE, new Rope());
    PositionMethod yarn = parser.parse("yarn:factor=40,attention=1,scores=1.6");
    assertThat(parser.parse(yarn.name())).isEqualTo(yarn);
    assertThat(Positions.plan(yarn, 512).scaleAt(7)).isEqualTo(1.6);
    PlanFunction plain = new PlanFunction(Positions.SHAPE, yarn, new Rope());
    assertThat(plain.plan(0, 512).scaleAt(7)).isEqualTo(1);
    PlanFunction masked =
        new PlanFunction(Positions.SHAPE, yarn, parser.parse("rerope:window=64+log-n:base=8"));
    assertThat(masked.plan(0, 512).scaleAt(63)).isCloseTo(1.6 * 2, within(1e-12));
  }

  @Test
  void dynamicYarnIsYarnOfTheLengthAtHand() {
    assertThat(Positions.plan(new DynamicYarn(Positions.byParts(512)), 4096))
        .isEqualTo(Positions.plan(Positions.yarn(8, 512)));
    assertThat(Positions.plan(new DynamicYarn(Positions.byParts(512)), 512))
        .isEqualTo(AttentionPlan.plain(Positions.SHAPE.plainRotary()));
  }

  @Test
  void llama3HasThePublishedDivisors() {
    ModelShape shape = new ModelShape(1, 1, 1, 128, 128, 500000, 8192);
    double[] found = divisors(new Llama3(8, 1, 4, 8192), shape);
    double[] band = {1.20748, 1.55342, 2.02631, 2.69453, 3.68425, 5.25733};
    for (int pair = 0; pair < 64; pair++) {
      double expected = pair <= 28 ? 1 : pair >= 35 ? 8 : band[pair - 29];
      assertThat(found[pair]).as("pair %d", pair).isCloseTo(expected, within(6e-6));
    }
  }

  @Test
  void longRopeChangesItsListBeyondTheOriginalLength() {
    LongRope method = longRope(1.5, 6);
    RotaryTable plain = Positions.SHAPE.plainRotary();
    assertThat(Positions.plan(method, 512).rotary().frequency(9))
        .isEqualTo(plain.frequency(9) / 1.5);
    assertThat(Positions.plan(method, 513).rotary().frequency(9)).isEqualTo(plain.frequency(9) / 6);
    assertThat(Positions.plan(method, 1).rotary().amplitude()).isEqualTo(1.1);
  }

  @Test
  void longRopeNeedsTheListsOfACheckpoint() {
    MethodParser without = new MethodParser(Positions.SHAPE, new Rope());
    assertThatThrownBy(() -> without.parse("longrope"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("factor lists")
        .hasMessageContaining("declares rope");
    LongRope declared = longRope(1.5, 6);
    assertThat(new MethodParser(Positions.SHAPE, declared).parse("longrope:original=256"))
        .isEqualTo(new LongRope(declared.shortFactors(), declared.longFactors(), 256, 1.1));
    ModelShape other = new ModelShape(1, 1, 1, 64, 64, 10000, 512);
    assertThatThrownBy(() -> declared.parts(other, 0, 1)).hasMessageContaining("32 rotary pairs");
    assertThatThrownBy(() -> new LongRope(List.of(1.0), List.of(), 512, 1))
        .hasMessageContaining("found 1 and 0");
  }

  private static LongRope longRope(double shortFactor, double longFactor) {
    return new LongRope(
        Collections.nCopies(64, shortFactor), Collections.nCopies(64, longFactor), 512, 1.1);
  }
}
