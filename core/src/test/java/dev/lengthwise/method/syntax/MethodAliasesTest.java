package dev.lengthwise.method.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.CombinedMethod;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.MethodValue;
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
    assertThat(branches(ABSENT, ABSENT, ABSENT, ABSENT, ABSENT).method().map(MethodValue::text))
        .isEmpty();
  }

  @Test
  void ropeScalingMeansRopeLinearOrYarn() {
    OptionalDouble eight = OptionalDouble.of(8);
    assertThat(rope(Optional.of("none"), OptionalDouble.empty()).method().map(MethodValue::text))
        .hasValue("rope");
    assertThat(rope(Optional.of("linear"), eight).method().map(MethodValue::text))
        .hasValue("linear:factor=8");
    assertThat(rope(Optional.of("yarn"), eight).method().map(MethodValue::text))
        .hasValue("yarn:factor=8");
    assertThat(rope(Optional.of("yarn"), OptionalDouble.empty()).method().map(MethodValue::text))
        .hasValue("yarn");
    assertThat(rope(Optional.empty(), OptionalDouble.of(2.5)).method().map(MethodValue::text))
        .hasValue("linear:factor=2.5");
  }

  @Test
  void ropeScalingRefusesWhatItDoesNotKnow() {
    assertThatThrownBy(
            () ->
                rope(Optional.of("longrope"), OptionalDouble.empty())
                    .method()
                    .map(MethodValue::text))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("none, linear or yarn")
        .hasMessageContaining("'longrope'");
    assertThatThrownBy(
            () -> rope(Optional.of("none"), OptionalDouble.of(2)).method().map(MethodValue::text))
        .isInstanceOf(LengthwiseException.class);
  }

  @Test
  void groupOptionsMeanSelfExtend() {
    assertThat(
            branches(OptionalLong.of(4), OptionalLong.of(512), ABSENT, ABSENT, ABSENT)
                .method()
                .map(MethodValue::text))
        .hasValue("self-extend:group=4,window=512");
    assertThat(
            branches(OptionalLong.of(4), ABSENT, ABSENT, ABSENT, ABSENT)
                .method()
                .map(MethodValue::text))
        .hasValue("self-extend:group=4");
    assertThat(
            branches(OptionalLong.of(1), OptionalLong.of(512), ABSENT, ABSENT, ABSENT)
                .method()
                .map(MethodValue::text))
        .isEmpty();
    assertThat(
            branches(ABSENT, OptionalLong.of(512), ABSENT, ABSENT, ABSENT)
                .method()
                .map(MethodValue::text))
        .isEmpty();
  }

  @Test
  void keepMeansSinksOfStreamingLlm() {
    assertThat(
            branches(ABSENT, ABSENT, OptionalLong.of(16), ABSENT, ABSENT)
                .method()
                .map(MethodValue::text))
        .hasValue("streaming-llm:sinks=16");
    assertThatThrownBy(
            () ->
                branches(ABSENT, ABSENT, OptionalLong.of(-1), ABSENT, ABSENT)
                    .method()
                    .map(MethodValue::text))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("--keep");
  }

  @Test
  void branchOptionsMeanLmInfinite() {
    assertThat(
            branches(ABSENT, ABSENT, ABSENT, OptionalLong.of(256), OptionalLong.of(10))
                .method()
                .map(MethodValue::text))
        .hasValue("lm-infinite:local=256,global=10");
    assertThat(
            branches(ABSENT, ABSENT, ABSENT, ABSENT, OptionalLong.of(10))
                .method()
                .map(MethodValue::text))
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
    String text = both.method().map(MethodValue::text).orElseThrow();
    assertThat(text).isEqualTo("yarn:factor=2+self-extend:group=4,window=64");
    ModelShape shape = new ModelShape(2, 8, 8, 48, 48, 10000, 256);
    assertThat(new MethodParser(shape, new Rope()).parse(text)).isInstanceOf(CombinedMethod.class);
  }
}
