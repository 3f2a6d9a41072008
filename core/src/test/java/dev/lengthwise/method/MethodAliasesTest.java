package dev.lengthwise.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.ModelShape;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MethodAliasesTest {

  private static final OptionalLong ABSENT = OptionalLong.empty();

  private static MethodAliases rope(Optional<String> scaling, OptionalDouble scale) {
    return new MethodAliases(scaling, scale, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT);
  }

  private static MethodAliases branches(
      OptionalLong group,
      OptionalLong window,
      OptionalLong keep,
      OptionalLong local,
      OptionalLong global) {
    return new MethodAliases(
        Optional.empty(), OptionalDouble.empty(), group, window, keep, local, global);
  }

  @Test
  void withoutOptionsThereIsNoMethod() {
    assertThat(MethodAliases.NONE.methodText()).isEmpty();
  }

  @Test
  void ropeScalingMeansRopeLinearOrYarn() {
    OptionalDouble eight = OptionalDouble.of(8);
    assertThat(rope(Optional.of("none"), OptionalDouble.empty()).methodText()).hasValue("rope");
    assertThat(rope(Optional.of("linear"), eight).methodText()).hasValue("linear:factor=8");
    assertThat(rope(Optional.of("yarn"), eight).methodText()).hasValue("yarn:factor=8");
    assertThat(rope(Optional.of("yarn"), OptionalDouble.empty()).methodText()).hasValue("yarn");
    assertThat(rope(Optional.empty(), OptionalDouble.of(2.5)).methodText())
        .hasValue("linear:factor=2.5");
  }

  @Test
  void ropeScalingRefusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> rope(Optional.of("longrope"), OptionalDouble.empty()).methodText())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("none, linear or yarn")
        .hasMessageContaining("'longrope'");
    assertThatThrownBy(() -> rope(Optional.of("none"), OptionalDouble.of(2)).methodText())
        .isInstanceOf(LengthwiseException.class);
  }

  @Test
  void groupOptionsMeanSelfExtend() {
    assertThat(
            branches(OptionalLong.of(4), OptionalLong.of(512), ABSENT, ABSENT, ABSENT).methodText())
        .hasValue("self-extend:group=4,window=512");
    assertThat(branches(OptionalLong.of(4), ABSENT, ABSENT, ABSENT, ABSENT).methodText())
        .hasValue("self-extend:group=4");
    assertThat(
            branches(OptionalLong.of(1), OptionalLong.of(512), ABSENT, ABSENT, ABSENT).methodText())
        .isEmpty();
    assertThat(branches(ABSENT, OptionalLong.of(512), ABSENT, ABSENT, ABSENT).methodText())
        .isEmpty();
  }

  @Test
  void keepMeansSinksOfStreamingLlm() {
    assertThat(branches(ABSENT, ABSENT, OptionalLong.of(16), ABSENT, ABSENT).methodText())
        .hasValue("streaming-llm:sinks=16");
    assertThatThrownBy(
            () -> branches(ABSENT, ABSENT, OptionalLong.of(-1), ABSENT, ABSENT).methodText())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("--keep");
  }

  @Test
  void branchOptionsMeanLmInfinite() {
    assertThat(
            branches(ABSENT, ABSENT, ABSENT, OptionalLong.of(256), OptionalLong.of(10))
                .methodText())
        .hasValue("lm-infinite:local=256,global=10");
    assertThat(branches(ABSENT, ABSENT, ABSENT, ABSENT, OptionalLong.of(10)).methodText())
        .hasValue("lm-infinite:global=10");
  }

  @Test
  void severalOptionsAreJoinedAndReadByTheParser() {
    MethodAliases both =
        new MethodAliases(
            Optional.of("yarn"),
            OptionalDouble.of(2),
            OptionalLong.of(4),
            OptionalLong.of(64),
            ABSENT,
            ABSENT,
            ABSENT);
    String text = both.methodText().orElseThrow();
    assertThat(text).isEqualTo("yarn:factor=2+self-extend:group=4,window=64");
    ModelShape shape = new ModelShape(2, 8, 8, 48, 48, 10000, 256);
    assertThat(new MethodParser(shape, new Rope()).parse(text)).isInstanceOf(CombinedMethod.class);
  }
}
