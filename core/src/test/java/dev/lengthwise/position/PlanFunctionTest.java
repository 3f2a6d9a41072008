package dev.lengthwise.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlanFunctionTest {

  private static final ModelShape SHAPE = new ModelShape(2, 4, 4, 8, 8, 10000, 64);
  private static final RotaryTable SLOW = RotaryTable.geometric(50000, 8);
  private static final Branch WINDOW = Branch.identity(Region.within(Bounds.below(16)));

  /// A method that sets given parts.
  private record Fixed(PlanParts parts, boolean dependsOnLength, long identity)
      implements PositionMethod {

    Fixed(PlanParts parts) {
      this(parts, false, 0);
    }

    @Override
    public MethodValue value() {
      return MethodValue.of(new MethodTerm("fixed"));
    }

    @Override
    public PlanParts parts(ModelShape shape, int layer, long currentLength) {
      return parts;
    }

    @Override
    public long identityLength(ModelShape shape) {
      return identity;
    }
  }

  private static AttentionPlan plan(PlanParts declared, PlanParts chosen) {
    return new PlanFunction(SHAPE, new Fixed(declared), new Fixed(chosen)).plan(0, 64);
  }

  @Test
  void chosenPartsWinAndDeclaredPartsFillTheRest() {
    AttentionPlan plan = plan(PlanParts.of(SLOW), PlanParts.of(WINDOW));
    assertThat(plan.rotary()).isEqualTo(SLOW);
    assertThat(plan.branches()).containsExactly(WINDOW);
    assertThat(plan(PlanParts.of(SLOW), PlanParts.of(SHAPE.plainRotary())))
        .isEqualTo(AttentionPlan.plain(SHAPE.plainRotary()));
  }

  @Test
  void whatNobodySetsIsPlainAttentionWithTheRotationOfTheModel() {
    assertThat(plan(PlanParts.NOTHING, PlanParts.NOTHING))
        .isEqualTo(AttentionPlan.plain(SHAPE.plainRotary()));
    assertThat(plan(PlanParts.of(RotaryTable.NONE), PlanParts.NOTHING))
        .isEqualTo(AttentionPlan.plain(RotaryTable.NONE));
  }

  @Test
  void aTrainedScaleStaysUnderAMethodThatSetsNone() {
    PlanParts chosen = PlanParts.of(SLOW);
    for (ScoreScale trained :
        List.of(new ScoreScale.LogLength(512, 0), new ScoreScale.Constant(2))) {
      assertThat(plan(PlanParts.of(trained), chosen).scale()).isEqualTo(trained);
    }
    assertThat(plan(PlanParts.of(new ScoreScale.Constant(2)), PlanParts.of(ScoreScale.ONE)).scale())
        .isEqualTo(ScoreScale.ONE);
  }

  @Test
  void aDeclaredTemperatureGoesWithTheFrequenciesThatItWasTunedFor() {
    PlanParts declared = PlanParts.of(SLOW.withAmplitude(1.4));
    assertThat(plan(declared, PlanParts.of(SHAPE.plainRotary())))
        .isEqualTo(AttentionPlan.plain(SHAPE.plainRotary()));
    assertThat(plan(declared, PlanParts.of(WINDOW)).rotary()).isEqualTo(SLOW.withAmplitude(1.4));
  }

  @Test
  void aDeclaredLogScaleStaysWithNewFrequencies() {
    ScoreScale logLength = new ScoreScale.LogLength(512, 0);
    PlanParts declared = new PlanParts(SLOW, null, logLength, null, null);
    assertThat(plan(declared, PlanParts.of(SHAPE.plainRotary())).scale()).isEqualTo(logLength);
  }

  @Test
  void dependsOnLengthWhenEitherMethodDoes() {
    Fixed still = new Fixed(PlanParts.NOTHING);
    Fixed moving = new Fixed(PlanParts.NOTHING, true, 0);
    assertThat(new PlanFunction(SHAPE, still, moving).dependsOnLength()).isTrue();
    assertThat(new PlanFunction(SHAPE, moving, still).dependsOnLength()).isTrue();
    assertThat(new PlanFunction(SHAPE, still, still).dependsOnLength()).isFalse();
  }

  @Test
  void promisesTheIdentityAgainstTheDeclaredMethod() {
    Fixed window = new Fixed(PlanParts.of(WINDOW), false, 16);
    Fixed slow = new Fixed(PlanParts.of(SLOW), false, 0);
    Fixed plain = new Fixed(PlanParts.of(SHAPE.plainRotary()), false, Bounds.UNBOUNDED);
    assertThat(new PlanFunction(SHAPE, slow, window).identityLength()).isEqualTo(16);
    assertThat(new PlanFunction(SHAPE, slow, plain).identityLength()).isZero();
    assertThat(new PlanFunction(SHAPE, slow, slow).identityLength()).isEqualTo(Bounds.UNBOUNDED);
  }

  @Test
  void conflictsNameThePart() {
    PlanParts rotary = PlanParts.of(SLOW);
    PlanParts branches = PlanParts.of(WINDOW);
    PlanParts scale = PlanParts.of(new ScoreScale.Constant(2));
    PlanParts bias = new PlanParts(null, null, null, ScoreBias.NONE, null);
    PlanParts map = new PlanParts(null, null, null, null, QueryKeyMap.IDENTITY);
    assertThat(rotary.conflictWith(rotary)).contains("rotary frequencies");
    assertThat(branches.conflictWith(branches)).contains("branches");
    assertThat(scale.conflictWith(scale)).contains("scale");
    PlanParts amplified = PlanParts.of(SLOW.withAmplitude(1.4));
    assertThat(scale.conflictWith(amplified)).contains("scale");
    assertThat(amplified.conflictWith(scale)).contains("scale");
    assertThat(scale.conflictWith(rotary)).as("an amplitude of 1 is none").isNull();
    assertThat(bias.conflictWith(bias)).contains("bias");
    assertThat(map.conflictWith(map)).contains("map");
    PlanParts allButMap = rotary.orElse(branches).orElse(scale).orElse(bias);
    assertThat(allButMap.conflictWith(map)).isNull();
    assertThat(rotary.conflictWith(branches)).isNull();
  }

  @Test
  void refusesAPlanWithoutBranches() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new AttentionPlan(
                    SLOW, List.of(), ScoreScale.ONE, ScoreBias.NONE, QueryKeyMap.IDENTITY));
  }

  @Test
  void refusesShapesThatNoModelHas() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ModelShape(1, 4, 3, 8, 8, 10000, 64));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ModelShape(1, 4, 4, 8, 10, 10000, 64));
    assertThatIllegalArgumentException().isThrownBy(() -> new ModelShape(1, 4, 4, 8, 8, 1, 64));
    assertThatIllegalArgumentException().isThrownBy(() -> SHAPE.withTrainedLength(0));
  }
}
