package dev.lengthwise.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.Retention;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every method of the catalogue must hold, whoever wrote it.
class MethodContractTest {

  private static final List<ModelShape> SHAPES =
      List.of(
          new ModelShape(2, 8, 2, 16, 16, 10000, 16),
          new ModelShape(3, 12, 12, 12, 8, 500000, 7),
          new ModelShape(1, 1, 1, 2, 2, 10000, 5),
          new ModelShape(1, 4, 1, 8, 0, 0, 10),
          new ModelShape(1, 2, 2, 4, 4, 10000, 1));

  /// Parameters other than the defaults, at edges.
  private static final List<String> VARIANTS =
      List.of(
          "linear:factor=1",
          "ntk:factor=1",
          "ntk:factor=2.5",
          "ntk-by-parts:factor=1",
          "ntk-by-parts:factor=4,ramp=turns,low=0.25,high=2",
          "ntk-mixed:factor=1",
          "ntk-mixed:factor=3,exponent=0",
          "dynamic-ntk:factor=2,original=9",
          "yarn:factor=1",
          "yarn:factor=4,attention=1,truncate=false",
          "yarn:factor=1,attention=1.25",
          "dynamic-yarn:original=6,ramp=turns",
          "longrope:original=3",
          "longrope:attention=1.5",
          "llama3:factor=1",
          "llama3:factor=4,low=0.5,high=1.5,original=12",
          "lm-infinite:local=5,global=0",
          "lm-infinite:local=5,global=1",
          "lm-infinite:local=5,global=30",
          "lm-infinite:local=5,global=3,ceiling=4",
          "lm-infinite:local=5,global=3,ceiling=6",
          "lm-infinite:local=1,global=1",
          "lm-infinite:local=5,global=0,ceiling=none",
          "lm-infinite:local=5,global=3,ceiling=none",
          "streaming-llm:sinks=0,window=6",
          "streaming-llm:sinks=1,window=1",
          "streaming-llm:sinks=9,window=3",
          "window:window=1",
          "window:window=11",
          "rerope:window=1",
          "rerope:window=9",
          "leaky-rerope:window=5,factor=1",
          "leaky-rerope:window=5,factor=3",
          "leaky-rerope:window=7,factor=10",
          "leaky-rerope:window=4,factor=0.0625",
          "self-extend:group=1,window=4",
          "self-extend:group=3,window=8",
          "self-extend:group=4,window=8",
          "self-extend:group=9,window=2",
          "dual-chunk:chunk=1,local=0",
          "dual-chunk:chunk=10,local=4",
          "dual-chunk:chunk=10,local=9",
          "log-n:base=2",
          "log-n:minimum=0",
          "attention-scale:factor=1",
          "attention-scale:factor=0.5",
          "rerope:window=4+log-n",
          "ntk:factor=2+lm-infinite:local=5,global=2+log-n:base=4",
          "cosine:n=9",
          "cosine:dynamic=true",
          "coca:variant=slack",
          "coca+dynamic-ntk:factor=4",
          "xpos:gamma=1,scale=100",
          "key-norm+log-n:minimum=0",
          "inverse-leaky:window=3,factor=4",
          "hwfa:window=3,base=9",
          "alibi:max=16,factor=0.25",
          "lm-infinite:layers=all+log-n",
          "lm-infinite:top-k=5,from-layer=0",
          "hwfa2:window=3,full=2,rerope=5",
          "hwfa2:window=9,full=1,rerope=3",
          "random-positions:max=1000",
          "random-positions:kind=exponential",
          "yarn:factor=4,attention=1+log-n",
          "window:window=5,layers=all",
          "declared");

  /// One method for one model.
  record Case(ModelShape shape, PositionMethod declared, PositionMethod method) {

    AttentionPlan plan(int layer, long length) {
      return method
          .parts(shape, layer, length)
          .orElse(new Rope().parts(shape, layer, length))
          .toPlan();
    }

    AttentionPlan plain() {
      return AttentionPlan.plain(shape.plainRotary());
    }

    long longest() {
      return 4 * shape.trainedLength() + 5;
    }

    MethodParser parser() {
      return new MethodParser(shape, declared);
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (ModelShape shape : SHAPES) {
      PositionMethod declared = declared(shape);
      OptionalLong target = OptionalLong.of(3 * shape.trainedLength() + 1);
      MethodParser parser = new MethodParser(shape, declared, target);
      for (String text : Stream.concat(Methods.names().stream(), VARIANTS.stream()).toList()) {
        if (runsOn(shape, text)) {
          cases.add(new Case(shape, declared, parser.parse(text)));
        }
      }
    }
    return cases.stream();
  }

  private static boolean changesFrequencies(String text) {
    return text.matches(
        "(rope|linear|ntk|dynamic|yarn|longrope|llama3|xpos|inverse-leaky|hwfa|random-positions).*");
  }

  private static boolean runsOn(ModelShape shape, String text) {
    boolean whole = shape.rotarySize() == shape.headSize();
    boolean enoughLayers = !text.contains("full=2") || shape.layers() >= 2;
    return (shape.hasRotary() || !changesFrequencies(text))
        && (whole || !text.startsWith("coca"))
        && enoughLayers;
  }

  private static PositionMethod declared(ModelShape shape) {
    if (!shape.hasRotary()) {
      return new Alibi();
    }
    int pairs = shape.rotarySize() / 2;
    return new LongRope(
        Collections.nCopies(pairs, 1.0), Collections.nCopies(pairs, 3.0), shape.trainedLength(), 1);
  }

  @Test
  void namesAreUniqueAndParametersSayWhatTheyMean() {
    assertThat(Methods.names()).doesNotHaveDuplicates().doesNotContain(MethodParser.DECLARED);
    for (MethodType type : Methods.ALL) {
      assertThat(type.name()).matches("[a-z][a-z0-9-]*");
      assertThat(type.parameters()).extracting(MethodParameter::name).doesNotHaveDuplicates();
      assertThat(type.parameters()).allMatch(parameter -> parameter.meaning().length() > 10);
      assertThat(type.summary()).endsWith(".");
      assertThat(type.reach()).endsWith(".");
    }
  }

  @Test
  void methodsOfFrequenciesRefuseModelsWithoutRotaryPositions() {
    ModelShape shape = SHAPES.get(3);
    MethodParser parser = new MethodParser(shape, declared(shape), OptionalLong.of(20));
    for (String name : Methods.names()) {
      if (changesFrequencies(name)) {
        assertThatThrownBy(() -> parser.parse(name))
            .isInstanceOf(LengthwiseException.class)
            .hasMessageContaining(name)
            .hasMessageContaining("no rotary positions");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void nameReadsBackAsTheSameMethod(Case subject) {
    assertThat(subject.parser().parse(subject.method().name())).isEqualTo(subject.method());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void planIsAPureFunction(Case subject) {
    for (int layer = 0; layer < subject.shape().layers(); layer++) {
      AttentionPlan first = subject.plan(layer, subject.longest());
      subject.plan(layer, 1);
      assertThat(subject.plan(layer, subject.longest())).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void planChangesWithTheLengthOnlyWhereTheMethodSaysSo(Case subject) {
    if (!subject.method().dependsOnLength()) {
      assertThat(subject.plan(0, subject.longest())).isEqualTo(subject.plan(0, 1));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void atMostOneBranchHoldsAPairAndEveryQuerySeesItself(Case subject) {
    List<Branch> branches = subject.plan(0, subject.longest()).branches();
    for (long query = 0; query < subject.longest(); query++) {
      for (long key = 0; key <= query; key++) {
        int holding = 0;
        for (Branch branch : branches) {
          holding += branch.region().contains(query, key) ? 1 : 0;
        }
        if (holding > 1 || (key == query && holding == 0)) {
          fail("%d branches hold query %d, key %d", holding, query, key);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void keyRunsAgreeWithBruteForce(Case subject) {
    for (Branch branch : subject.plan(0, subject.longest()).branches()) {
      for (long query = 0; query < subject.longest(); query++) {
        Bounds keys = branch.region().keys(query);
        for (long key = 0; key < subject.longest(); key++) {
          if (keys.contains(key) != branch.region().contains(query, key)) {
            fail("%s of query %d against key %d", keys, query, key);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void coverageAgreesWithBruteForce(Case subject) {
    AttentionPlan plan = subject.plan(0, subject.longest());
    Random random = new Random(3);
    int longest = (int) subject.longest();
    for (int trial = 0; trial < 40; trial++) {
      long firstQuery = random.nextInt(longest);
      long lastQuery = firstQuery + random.nextInt(7);
      long firstKey = random.nextInt(longest);
      long lastKey = firstKey + random.nextInt(7);
      boolean seen = false;
      for (Branch branch : plan.branches()) {
        long inside = count(branch.region(), firstQuery, lastQuery, firstKey, lastKey);
        long all = (lastQuery - firstQuery + 1) * (lastKey - firstKey + 1);
        Region.Coverage coverage =
            branch.region().coverage(firstQuery, lastQuery, firstKey, lastKey);
        assertThat(coverage == Region.Coverage.FULL).isEqualTo(inside == all);
        assertThat(coverage != Region.Coverage.NONE || inside == 0).isTrue();
        seen |= inside > 0;
      }
      assertThat(!seen || plan.touches(firstQuery, lastQuery, firstKey, lastKey)).isTrue();
    }
  }

  private static long count(
      Region region, long firstQuery, long lastQuery, long firstKey, long lastKey) {
    long inside = 0;
    for (long query = firstQuery; query <= lastQuery; query++) {
      for (long key = firstKey; key <= lastKey; key++) {
        inside += region.contains(query, key) ? 1 : 0;
      }
    }
    return inside;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void noQuerySeesADroppedKey(Case subject) {
    AttentionPlan plan = subject.plan(0, subject.longest());
    Retention retention = plan.retention();
    for (long query = 0; query < subject.longest(); query++) {
      for (long key = 0; key <= query; key++) {
        boolean kept = key < retention.prefix() || key > query - retention.window();
        if (!kept && plan.touches(query, query, key, key)) {
          fail("query %d sees key %d, which %s drops", query, key, retention);
        }
      }
    }
  }

  /// Texts of one token look alike under every method, so the first that can differ has two.
  @ParameterizedTest
  @MethodSource("cases")
  void identityLengthIsExact(Case subject) {
    long identity = subject.method().identityLength(subject.shape());
    for (long length = 1; length <= Math.min(identity, subject.longest()); length++) {
      assertThat(isPlain(subject, length)).as("at %d of %d", length, identity).isTrue();
    }
    if (identity < subject.longest()) {
      long next = Math.max(2, identity + 1);
      assertThat(isPlain(subject, next)).as("beyond %d", identity).isFalse();
    }
  }

  /// Whether a text of `length` tokens gets the very positions and factors of the plain model.
  private static boolean isPlain(Case subject, long length) {
    for (int layer = 0; layer < subject.shape().layers(); layer++) {
      if (!isPlain(subject.plan(layer, length), subject.plain(), length)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlain(AttentionPlan plan, AttentionPlan plain, long length) {
    if (!plan.rotary().equals(plain.rotary()) || !plan.map().equals(plain.map())) {
      return false;
    }
    for (long query = 0; query < length; query++) {
      if (plan.scale().at(query) != 1) {
        return false;
      }
      for (long key = 0; key <= query; key++) {
        if (!isPlain(plan, query, key)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isPlain(AttentionPlan plan, long query, long key) {
    for (Branch branch : plan.branches()) {
      if (branch.region().contains(query, key)) {
        return branch.query().at(query) == query
            && branch.key().at(key) == key
            && plan.bias().at(0, query, branch.relativePosition(query, key)) == 0;
      }
    }
    return false;
  }
}
