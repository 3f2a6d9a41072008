package dev.lengthwise.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanDescriptionTest {

  private static final ModelShape SHAPE = new ModelShape(2, 2, 2, 48, 48, 10000, 256);

  @Test
  void namesFrequenciesDivisorsAndWavelengths() {
    double[] divisors = new double[24];
    Arrays.fill(divisors, 8);
    divisors[0] = 1;
    PlanDescription description =
        PlanDescription.of(SHAPE, AttentionPlan.plain(SHAPE.plainRotary().dividedBy(divisors)));
    assertThat(description.frequencies()).hasSize(24);
    assertThat(description.frequencies().get(3).divisor()).isCloseTo(8, within(1e-12));
    assertThat(description.lines())
        .startsWith(
            "rotary: 24 pairs",
            "  pair 0: 1 radians per token, one turn in 6.28319 tokens, unchanged")
        .anyMatch(line -> line.startsWith("  pair 23:") && line.endsWith("divided by 8"))
        .contains(
            "branch: every distance: query at i, key at j", "scale: none", "cache: every key");
  }

  @Test
  void saysBranchesInWords() {
    Branch local = Branch.identity(Region.within(Bounds.below(256)));
    Branch first =
        new Branch(Region.firstKeys(10, 256), new PositionMap.Fixed(256), new PositionMap.Fixed(0));
    PlanDescription description = describe(ScoreScale.ONE, local, first);
    assertThat(description.branches())
        .containsExactly(
            "distance 0 … 255: query at i, key at j",
            "key 0 … 9, distance 256 and more: query at 256, key at 0");
    assertThat(description.retention()).isEqualTo("the first 10 and the last 256 keys");
  }

  @Test
  void saysCompressedPositionsInWords() {
    PlanDescription description =
        describe(
            new ScoreScale.LogLength(256, 1),
            new Branch(
                Region.chunks(160, new Bounds(1, 2)),
                new PositionMap.Chunked(160, 160, 192),
                new PositionMap.Chunked(160, 0, Double.POSITIVE_INFINITY)),
            new Branch(
                Region.within(Bounds.atLeast(64)),
                new PositionMap.Grouped(8, 56),
                new PositionMap.Divided(16, 0)),
            new Branch(Region.ALL, new PositionMap.Capped(259), PositionMap.IDENTITY));
    assertThat(description.branches())
        .containsExactly(
            "1 chunks of 160 apart: query at min(i mod 160 + 160, 192), key at j mod 160",
            "distance 64 and more: query at ⌊i / 8⌋ + 56, key at j / 16",
            "every distance: query at min(i, 259), key at j");
    assertThat(description.scale()).isEqualTo("× max(1, ln(i + 1) / ln 256)");
  }

  @Test
  void saysBiasTemperatureAndNormalisation() {
    AttentionPlan plan =
        new AttentionPlan(
            RotaryTable.NONE,
            List.of(Branch.PLAIN),
            new ScoreScale.Constant(1.5),
            ScoreBias.Linear.geometric(2, 8, 1),
            new QueryKeyMap.Normalize(false, true));
    PlanDescription description = PlanDescription.of(SHAPE, plan);
    assertThat(description.lines())
        .contains("rotary: none", "scale: × 1.50000")
        .contains("query and key map: keys divided by their root mean square");
    assertThat(description.bias()).endsWith("slopes by head 0.0625000 0.00390625");
  }

  @Test
  void saysTheAmplitudeOfWhatTurns() {
    assertThat(
            PlanDescription.of(SHAPE, AttentionPlan.plain(SHAPE.plainRotary().withAmplitude(1.25)))
                .lines())
        .contains("rotary: %d pairs of amplitude 1.25000".formatted(SHAPE.rotarySize() / 2))
        .contains("scale: none");
  }

  @Test
  void saysWhatALayerItselfDoesToScores() {
    AttentionPlan plan = AttentionPlan.plain(SHAPE.plainRotary());
    assertThat(PlanDescription.of(SHAPE, plan).lines())
        .noneMatch(line -> line.contains("the layer's own scores"));
    ScoreRule rule =
        new ScoreRule(new ScoreScale.Constant(0.5), 50, new double[] {1}, Weighting.SOFTMAX);
    assertThat(PlanDescription.of(SHAPE, plan.with(rule)).lines())
        .contains(
            "the layer's own scores: × 0.500000, under a cap of 50, with a sink in each head");
    ScoreRule steps =
        new ScoreRule(
            new ScoreScale.LengthSteps(1, 0.1, 1, 8192), 0, new double[0], Weighting.SOFTMAX);
    assertThat(PlanDescription.of(SHAPE, plan.with(steps)).rule())
        .isEqualTo("× (1 + 0.100000 · ln(1 + ⌊(i + 1) / 8192⌋))");
  }

  @Test
  void saysWhichKeysTheLastQueryChooses() {
    PlanParts parts =
        PlanParts.of(Branch.identity(Region.within(Bounds.below(256))))
            .with(
                new KeySelection(
                    5,
                    new Branch(
                        Region.within(Bounds.atLeast(256)),
                        new PositionMap.Fixed(128),
                        new PositionMap.Fixed(0))));
    PlanDescription description = PlanDescription.of(SHAPE, parts.toPlan());
    assertThat(description.branches())
        .contains(
            "for the last query of each step, the 5 best keys of distance 256 and more: query at"
                + " 128, key at 0");
    assertThat(description.retention()).isEqualTo("every key");
  }

  @Test
  void describesTablesOfOnePairOnce() {
    ModelShape tiny = new ModelShape(1, 1, 1, 2, 2, 10000, 8);
    assertThat(PlanDescription.of(tiny, AttentionPlan.plain(tiny.plainRotary())).lines())
        .filteredOn(line -> line.contains("pair 0"))
        .hasSize(1);
  }

  private static PlanDescription describe(ScoreScale scale, Branch... branches) {
    return PlanDescription.of(
        SHAPE,
        new AttentionPlan(
            SHAPE.plainRotary(), List.of(branches), scale, ScoreBias.NONE, QueryKeyMap.IDENTITY));
  }
}
