package dev.lengthwise.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.ScoreScale;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MethodParserTest {

  private static final ModelShape SHAPE = new ModelShape(2, 8, 8, 48, 48, 10000, 256);
  private static final PositionMethod DECLARED = Positions.yarn(4, 64);
  private static final MethodParser PARSER = new MethodParser(SHAPE, DECLARED);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lm-infinite | lm-infinite:local=256,global=10,ceiling=256",
        "lm-infinite:local=128 | lm-infinite:local=128,global=10,ceiling=128",
        "lm-infinite:top-k=5 |"
            + " lm-infinite:local=256,global=10,ceiling=256,top-k=5,from-layer=1,middle=128",
        "streaming-llm | streaming-llm:sinks=4,window=252",
        "streaming-llm:sinks=16 | streaming-llm:sinks=16,window=240",
        "window | window:window=256",
        "rerope | rerope:window=64",
        "leaky-rerope | leaky-rerope:window=64,factor=16",
        "self-extend | self-extend:group=8,window=64",
        "dual-chunk | dual-chunk:chunk=192,local=32",
        "log-n | log-n:base=256,minimum=1",
        "dynamic-ntk | dynamic-ntk:factor=1,original=256",
        "ntk-mixed:factor=8 | ntk-mixed:factor=8,exponent=0.625",
        "llama3 | llama3:factor=8,low=1,high=4,original=256",
        "rope | rope",
        "linear:factor=2.5e0 | linear:factor=2.5",
        "linear:factor=1e+2 | linear:factor=100",
      })
  void resolvesEveryDefaultIntoTheName(String text, String name) {
    assertThat(PARSER.parse(text).name()).isEqualTo(name);
  }

  @Test
  void yarnNamesItsTemperature() {
    assertThat(PARSER.parse("yarn:factor=8").name())
        .startsWith(
            "yarn:factor=8,original=256,low=1,high=32,ramp=index,truncate=true,attention=1.2");
  }

  @Test
  void declaredIsTheMethodOfTheCheckpoint() {
    assertThat(PARSER.parse("declared")).isEqualTo(DECLARED);
    assertThat(PARSER.parse("declared+window:window=8"))
        .isEqualTo(new CombinedMethod(List.of(DECLARED, new Window(8))));
    assertRefused("declared:factor=2", "takes no parameters");
  }

  @Test
  void keysOfTheMiddleNeedANumber() {
    assertRefused("lm-infinite:from-layer=3", "need top-k");
    assertRefused("lm-infinite:middle=3", "need top-k");
    assertRefused("lm-infinite:top-k=-1", "top-k must be a whole number from 1");
    assertRefused("lm-infinite:top-k=5,from-layer=99", "from-layer must be one of", "found 99");
  }

  @Test
  void everyMethodCanBeAskedForOnAllLayers() {
    PositionMethod everywhere = PARSER.parse("lm-infinite:local=16, layers = all ,global=2");
    assertThat(everywhere).isEqualTo(new OnAllLayers(Positions.lmInfinite(16, 2)));
    assertThat(everywhere.name()).isEqualTo("lm-infinite:local=16,global=2,ceiling=16,layers=all");
    assertThat(PARSER.parse("rope:layers=all").name()).isEqualTo("rope:layers=all");
    assertThat(PARSER.parse("rerope:window=8,layers=all+log-n"))
        .isEqualTo(
            new CombinedMethod(List.of(new OnAllLayers(new Rerope(8)), PARSER.parse("log-n"))));
    assertRefused("rerope:layers=some", "layers must be all, found 'some'");
    assertRefused("rerope:layers=all,layers=all", "twice");
    assertRefused("declared:layers=all", "takes no parameters");
  }

  @Test
  void plusCombinesMethodsThatSetDifferentParts() {
    PositionMethod method = PARSER.parse("rerope:window=64 + log-n + ntk:factor=8");
    assertThat(method.name()).isEqualTo("rerope:window=64+log-n:base=256,minimum=1+ntk:factor=8");
    assertThat(method.identityLength(SHAPE)).isZero();
    assertThat(PARSER.parse("rerope:window=64+log-n").identityLength(SHAPE)).isEqualTo(65);
    assertThat(PARSER.parse("dynamic-ntk+log-n").dependsOnLength()).isTrue();
  }

  /// A temperature of 1 is none: there is nothing that a scale could collide with.
  @ParameterizedTest
  @ValueSource(strings = {"yarn:factor=8,attention=1+log-n", "log-n+yarn:factor=8,attention=1"})
  void yarnWithoutTemperatureLeavesTheScaleToOthers(String text) {
    AttentionPlan plan = PARSER.parse(text).parts(SHAPE, 0, 512).toPlan();
    assertThat(plan.scale()).isEqualTo(new ScoreScale.LogLength(256, 1));
    assertThat(plan.rotary()).isNotEqualTo(SHAPE.plainRotary());
  }

  @Test
  void overStacksMethodsAsCheckpointsDoThatDeclareTwo() {
    assertThat(PARSER.parse("window:window=8 over rope"))
        .isEqualTo(new StackedMethod(new Window(8), new Rope()));
    assertThat(PARSER.parse("window:window=8 over linear:factor=2").name())
        .as("they set different parts")
        .isEqualTo("linear:factor=2+window:window=8");
    assertThat(PARSER.parse("rope over linear:factor=2")).isEqualTo(new Rope());
    assertRefused("window over ropes", "did you mean rope?");
  }

  @Test
  void listsOfTheCheckpointAreInTheValueAndNotInTheName() {
    LongRope declared = new LongRope(List.of(1.0, 2.5), List.of(4.0, 8.0), 64, 1.25);
    ModelShape shape = new ModelShape(2, 8, 8, 4, 4, 10000, 64);
    assertThat(declared.name()).isEqualTo("longrope:original=64,attention=1.25");
    assertThat(declared.value().text())
        .isEqualTo("longrope:original=64,attention=1.25,short=1;2.5,long=4;8");
    assertThat(new MethodParser(shape, new Rope()).method(declared.value())).isEqualTo(declared);
    assertThat(
            new MethodParser(shape, new StackedMethod(new Window(8), declared)).parse("longrope"))
        .as("a declared window does not hide the lists")
        .isEqualTo(declared);
  }

  @ParameterizedTest
  @CsvSource({
    "yarn:factor=8+ntk:factor=2,the rotary frequencies",
    "lm-infinite+rerope,the branches",
    "yarn:factor=8+log-n,the score scale",
    "alibi+nope,the rotary frequencies",
    "rope+window,the branches",
    "window+window,the branches"
  })
  void twoMethodsThatSetTheSamePartAreAnErrorThatNamesBoth(String text, String part) {
    String first = text.substring(0, text.indexOf('+')).replaceAll(":.*", "");
    String second = text.substring(text.indexOf('+') + 1).replaceAll(":.*", "");
    assertRefused(text, first, "and " + second, part);
  }

  @Test
  void theTargetLengthGivesTheFactor() {
    MethodParser aiming = new MethodParser(SHAPE, DECLARED, OptionalLong.of(2049));
    assertThat(aiming.parse("ntk")).isEqualTo(new Ntk(9));
    assertThat(aiming.parse("ntk:factor=3")).isEqualTo(new Ntk(3));
    assertThat(aiming.parse("yarn:original=1024")).isEqualTo(Positions.yarn(3, 1024));
    assertThat(aiming.parse("llama3")).isEqualTo(new Llama3(9, 1, 4, 256));
    assertThat(new MethodParser(SHAPE, DECLARED, OptionalLong.of(100)).parse("linear"))
        .isEqualTo(new LinearScaling(1));
    assertThatThrownBy(() -> new MethodParser(SHAPE, DECLARED, OptionalLong.of(0)))
        .isInstanceOf(LengthwiseException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "ntk", "ntk-by-parts", "ntk-mixed", "yarn"})
  void withoutATargetLengthAFactorIsRequired(String name) {
    assertRefused(name, name + " needs a factor", name + ":factor=8");
  }

  @Test
  void anUnknownNameListsTheNearestAndAll() {
    assertRefused("yarm:factor=8", "unknown method 'yarm'", "did you mean yarn?", "lm-infinite");
    assertRefused("+", "unknown method '+'. Known methods");
    assertRefused("a".repeat(10_001), "at most 10000 characters, found 10001");
    assertRefused("", "unknown method ''", "nope");
    assertRefused("LM-Infinite", "did you mean lm-infinite?");
    assertRefused("rope+", "unknown method 'rope+'");
  }

  @Test
  void anUnknownKeyListsTheKnownOnes() {
    assertRefused(
        "lm-infinite:windows=3", "'windows'", "keys of lm-infinite: local, global, ceiling");
    assertRefused("rope:factor=2", "'factor'", "rope has no parameters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lm-infinite:",
        "lm-infinite:local",
        "lm-infinite:local=",
        "lm-infinite:local=4k",
        "lm-infinite:local=4.5",
        "lm-infinite:local=-4",
        "lm-infinite:local=0",
        "lm-infinite:local=99999999999999999999",
        "lm-infinite:local=9000000000000000000",
        "lm-infinite:global=-1",
        "lm-infinite:local=4,",
        "streaming-llm:sinks=-3",
        "dual-chunk:chunk=4,local=4",
        "self-extend:group=0",
        "leaky-rerope:factor=0",
        "leaky-rerope:factor=-2",
        "log-n:base=1",
        "log-n:minimum=2",
        "ntk:factor=0.5",
        "ntk:factor=NaN",
        "ntk:factor=Infinity",
        "ntk:factor=1e400",
        "ntk:factor=0x1p3",
        "ntk:factor=8f",
        "yarn:factor=8,ramp=cubic",
        "yarn:factor=8,truncate=yes",
        "yarn:factor=8,low=32,high=1",
        "yarn:factor=8,attention=0",
        "yarn:factor=8,original=0",
        "llama3:low=4,high=4",
        "ntk-mixed:factor=2,exponent=1.5"
      })
  void valuesOutOfRangeAreErrorsThatListTheKeys(String text) {
    assertRefused(text, "keys of " + text.substring(0, text.indexOf(':')));
  }

  @Test
  void aKeyGivenTwiceIsAnError() {
    assertRefused("window:window=3,window=4", "'window' twice");
  }

  private static void assertRefused(String text, String... parts) {
    assertThatThrownBy(() -> PARSER.parse(text))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(parts);
  }
}
