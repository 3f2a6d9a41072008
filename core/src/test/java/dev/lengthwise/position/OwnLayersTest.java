package dev.lengthwise.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lengthwise.method.DynamicNtk;
import dev.lengthwise.method.Hwfa;
import dev.lengthwise.method.LinearScaling;
import dev.lengthwise.method.LongRope;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Positions;
import dev.lengthwise.method.Rope;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models whose layers differ, and what chosen methods make of them.
class OwnLayersTest {

  private static final ModelShape SHAPE = new ModelShape(3, 4, 2, 16, 8, 20_000, 64);
  private static final Branch SIXTEEN = Branch.identity(Region.within(Bounds.below(16)));
  private static final RotaryTable PLAIN = RotaryTable.geometric(20_000, 8);
  private static final RotaryTable OWN = RotaryTable.geometric(5_000, 8);

  private static final LayerRule LOCAL = LayerRule.Local.window(16);
  private static final LayerRule LOCAL_OWN = LayerRule.Local.window(16).withPlainRotary(5_000);

  private static OwnLayers model(PositionMethod base, LayerRule... rules) {
    return new OwnLayers(base, List.of(rules));
  }

  // The kinds of layers of these families, three of each.
  private static final OwnLayers GEMMA2 = model(new Rope(), LOCAL, new LayerRule.Global(), LOCAL);
  private static final OwnLayers GEMMA3 =
      model(new LinearScaling(8), LOCAL_OWN, LOCAL_OWN, new LayerRule.Global());
  private static final OwnLayers OLMO3 =
      model(
          Positions.yarn(4, 64),
          LayerRule.Local.window(16).withPlainRotary(20_000),
          new LayerRule.Global(),
          new LayerRule.Global());
  private static final OwnLayers SMOLLM3 =
      model(new Rope(), new LayerRule.Global(), new LayerRule.Global(), new LayerRule.Unrotated());
  private static final OwnLayers COHERE2 =
      model(new Rope(), LOCAL, LOCAL, new LayerRule.Unrotated());

  private static PositionMethod method(OwnLayers declared, String text) {
    return new MethodParser(SHAPE, declared, OptionalLong.of(256)).parse(text);
  }

  private static AttentionPlan plan(OwnLayers declared, String chosen, int layer) {
    return new PlanFunction(SHAPE, declared, method(declared, chosen)).plan(layer, 256);
  }

  private static AttentionPlan plain(RotaryTable rotary, Branch... branches) {
    return PlanParts.of(branches).orElse(PlanParts.of(rotary)).toPlan();
  }

  // What the chosen method gives in a model that was trained with its base method alone.
  private static AttentionPlan alone(OwnLayers declared, String chosen) {
    return new PlanFunction(SHAPE, declared.base(), method(declared, chosen)).plan(0, 256);
  }

  @Test
  void theDeclaredPlansAreThoseOfTheFamilies() {
    RotaryTable eighth = new LinearScaling(8).parts(SHAPE, 0, 64).toPlan().rotary();
    assertThat(plan(GEMMA2, "declared", 0)).isEqualTo(plain(PLAIN, SIXTEEN));
    assertThat(plan(GEMMA2, "declared", 1)).isEqualTo(plain(PLAIN, Branch.PLAIN));
    assertThat(plan(GEMMA3, "declared", 0)).isEqualTo(plain(OWN, SIXTEEN));
    assertThat(plan(GEMMA3, "declared", 2)).isEqualTo(plain(eighth, Branch.PLAIN));
    assertThat(plan(OLMO3, "declared", 0)).isEqualTo(plain(PLAIN, SIXTEEN));
    assertThat(plan(OLMO3, "declared", 1).rotary().amplitude()).isGreaterThan(1.1);
    assertThat(plan(SMOLLM3, "declared", 2)).isEqualTo(AttentionPlan.plain(RotaryTable.NONE));
    assertThat(plan(COHERE2, "declared", 0)).isEqualTo(plain(PLAIN, SIXTEEN));
    OwnLayers unrotated =
        model(Positions.yarn(4, 64), LayerRule.Local.window(16).unrotated(), LOCAL, LOCAL);
    assertThat(plan(unrotated, "declared", 0)).isEqualTo(plain(RotaryTable.NONE, SIXTEEN));
    assertThat(plan(unrotated, "declared", 1).rotary().amplitude()).isGreaterThan(1.1);
    OwnLayers chunks = model(new Rope(), LayerRule.Local.chunks(8), LOCAL, LOCAL);
    assertThat(plan(chunks, "declared", 0).branches().getFirst().region().keys(21))
        .isEqualTo(new Bounds(16, 22));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lm-infinite:local=32", "ntk:factor=4", "ntk:factor=4+log-n", "rerope:window=20"})
  void aMethodChangesTheLayersThatSeeEverythingAndLeavesLocalOnes(String chosen) {
    for (OwnLayers declared : List.of(GEMMA2, GEMMA3, OLMO3)) {
      for (int layer = 0; layer < 3; layer++) {
        AttentionPlan found = plan(declared, chosen, layer);
        boolean global = declared.layers().get(layer).equals(new LayerRule.Global());
        assertThat(found)
            .isEqualTo(global ? alone(declared, chosen) : plan(declared, "declared", layer));
      }
      assertThat(Compatibility.refusal(SHAPE, declared, method(declared, chosen))).isEmpty();
    }
  }

  @Test
  void askedForAllLayersAMethodChangesLocalOnesFromTheirOwnBase() {
    AttentionPlan local = plan(GEMMA3, "lm-infinite:local=8,global=2,layers=all", 0);
    assertThat(local.rotary()).isEqualTo(OWN);
    assertThat(local.retention()).isEqualTo(new Retention(2, 8));
    AttentionPlan stretched = plan(GEMMA3, "ntk:factor=4,layers=all", 0);
    double base = 5_000 * Math.pow(4, 8.0 / 6);
    assertThat(stretched.branches()).containsExactly(SIXTEEN);
    assertThat(stretched.rotary()).isEqualTo(RotaryTable.geometric(base, 8));
    assertThat(plan(GEMMA3, "linear:factor=2,layers=all", 0).rotary())
        .isEqualTo(OWN.dividedBy(new double[] {2, 2, 2, 2}));
    assertThat(plan(GEMMA3, "log-n+lm-infinite:local=8,layers=all", 0).scale())
        .isEqualTo(ScoreScale.ONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",layers=all"})
  void aLayerWithoutRotationNeverGetsOne(String all) {
    assertThat(plan(SMOLLM3, "ntk:factor=4" + all, 2)).isEqualTo(plan(SMOLLM3, "declared", 2));
    assertThat(plan(SMOLLM3, "yarn:factor=4" + all, 2)).isEqualTo(plan(SMOLLM3, "declared", 2));
    AttentionPlan masked = plan(SMOLLM3, "lm-infinite:local=32,global=3" + all, 2);
    assertThat(masked.rotary()).isEqualTo(RotaryTable.NONE);
    assertThat(masked.retention()).isEqualTo(new Retention(3, 32));
    AttentionPlan scaled = plan(SMOLLM3, "log-n:base=64" + all, 2);
    assertThat(scaled.rotary()).isEqualTo(RotaryTable.NONE);
    assertThat(scaled.scale().at(4095)).isEqualTo(2);
  }

  @Test
  void partialHeadsKeepTheirTurningPart() {
    assertThat(plan(GEMMA2, "yarn:factor=4", 1).rotary().pairs()).isEqualTo(4);
    assertThat(plan(GEMMA2, "ntk:factor=4", 1).rotary())
        .isEqualTo(RotaryTable.geometric(20_000 * Math.pow(4, 8.0 / 6), 8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          yarn:factor=4         | layers=all it changes local layers too
          rerope:window=8       | layers=all it changes local layers too
          alibi                 | it adds a score bias
          """)
  void whatChangesNothingOnTheLayersThatSeeEverythingIsRefused(String chosen, String reason) {
    assertThat(Compatibility.refusal(SHAPE, COHERE2, method(COHERE2, chosen)).orElseThrow())
        .contains(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"yarn:factor=4,layers=all", "rerope:window=8,layers=all", "lm-infinite", "log-n"})
  void whatChangesSomethingIsNot(String chosen) {
    assertThat(Compatibility.refusal(SHAPE, COHERE2, method(COHERE2, chosen))).isEmpty();
  }

  @Test
  void whatTheWeightsDoNotKnowIsStillRefused() {
    assertThat(Compatibility.refusal(SHAPE, SMOLLM3, method(SMOLLM3, "nope"))).isPresent();
    assertThat(Compatibility.refusal(SHAPE, GEMMA2, method(GEMMA2, "key-norm"))).isPresent();
    OwnLayers hwfa = model(new Hwfa(4, 64), new LayerRule.Global(), LOCAL, new LayerRule.Global());
    assertThat(Compatibility.refusal(SHAPE, hwfa, method(hwfa, "lm-infinite")).orElseThrow())
        .contains("its layers have plans of their own");
  }

  @Test
  void promisesTheIdentityAsFarAsEachLayerDoes() {
    assertThat(identity(GEMMA2, "lm-infinite:local=32,global=0")).isEqualTo(32);
    assertThat(identity(GEMMA2, "lm-infinite:local=32,global=0,layers=all")).isEqualTo(16);
    assertThat(identity(GEMMA2, "rope")).isEqualTo(Bounds.UNBOUNDED);
    assertThat(identity(GEMMA3, "rope")).as("the full layers are scaled").isZero();
    assertThat(identity(SMOLLM3, "rope")).isEqualTo(Bounds.UNBOUNDED);
    assertThat(identity(SMOLLM3, "declared")).isEqualTo(Bounds.UNBOUNDED);
    assertThat(GEMMA2.identityLength(SHAPE)).isEqualTo(16);
    assertThat(SMOLLM3.identityLength(SHAPE)).isZero();
    assertThat(GEMMA3.identityLength(SHAPE)).isZero();
  }

  private static long identity(OwnLayers declared, String chosen) {
    return new PlanFunction(SHAPE, declared, method(declared, chosen)).identityLength();
  }

  @Test
  void theBaseMethodIsReachedThroughTheLayers() {
    assertThat(GEMMA3.dependsOnLength()).isFalse();
    assertThat(model(new DynamicNtk(2, 64), LOCAL, LOCAL, LOCAL).dependsOnLength()).isTrue();
    List<Double> lists = Collections.nCopies(4, 2.0);
    OwnLayers longRope =
        model(new LongRope(lists, lists, 64, 1), LOCAL, LOCAL, new LayerRule.Global());
    assertThat(plan(longRope, "longrope", 2)).isEqualTo(plan(longRope, "declared", 2));
    assertThat(GEMMA3.training()).isEqualTo(GEMMA3);
    assertThat(GEMMA3.weights(SHAPE)).isEmpty();
  }

  @Test
  void layersAreNamedByTheirKinds() {
    assertThat(GEMMA3.name())
        .isEqualTo(
            "linear:factor=8 with layers: 2 local (16 tokens, rotary base 5000.0), 1 global");
    assertThat(SMOLLM3.name()).isEqualTo("rope with layers: 2 global, 1 unrotated");
    PlanFunction plans = new PlanFunction(SHAPE, GEMMA3, GEMMA3);
    assertThat(plans.describe(0, 64).lines())
        .contains("branch: distance 0 … 15: query at i, key at j", "cache: the last 16 keys")
        .anyMatch(line -> line.contains("pair 3") && line.endsWith("unchanged"));
    assertThat(plans.describe(2, 64).lines())
        .contains("cache: every key")
        .anyMatch(line -> line.contains("pair 3") && line.endsWith("divided by 8"));
  }

  @Test
  void rulesFitTheModel() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PlanFunction(SHAPE, model(new Rope(), LOCAL), new Rope()))
        .withMessage("1 rules for 3 layers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerRule.Local(Region.ALL, new LayerRule.Rotation.OfBase()));
    assertThatIllegalArgumentException().isThrownBy(() -> model(GEMMA2, LOCAL));
  }
}
