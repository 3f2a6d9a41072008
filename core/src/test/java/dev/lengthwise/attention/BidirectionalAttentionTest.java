package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreRule;
import java.util.List;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Plans of bidirectional models.
class BidirectionalAttentionTest {

  private static final int LENGTH = 30;
  private static final ModelShape SHAPE = new ModelShape(1, 4, 2, 8, 8, 100, 12);

  private final PointerScope scope = new PointerScope();

  @AfterEach
  void end() {
    scope.close();
  }

  private static AttentionPlan causal(String method, int length) {
    PositionMethod chosen = new MethodParser(SHAPE, new Rope()).parse(method).training().drawn(3);
    return new PlanFunction(SHAPE, new Rope(), chosen).plan(0, length);
  }

  private static Tensor random(int heads, long seed) {
    torch.manual_seed(seed);
    return torch.randn(2, LENGTH, heads, 8).to(ScalarType.Double);
  }

  private static Tensor attend(
      Attention engine, AttentionPlan plan, Tensor queries, Tensor keys, Tensor values) {
    return engine.attend(plan, new QueryRows(queries, 0), KeyValueRows.fromStart(keys, values));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rope",
        "nope",
        "window:window=5",
        "rerope:window=4",
        "leaky-rerope:window=4,factor=3",
        "lm-infinite:local=6,global=3",
        "self-extend:window=4,group=3",
        "linear:factor=2+log-n:minimum=0",
        "dual-chunk:chunk=6,local=3",
        "random-positions:max=90",
        "alibi",
        "kerple:kind=power",
        "kerple:kind=log+rerope:window=4",
        "sandwich:channels=6",
        "key-norm",
        "cosine:dynamic=true",
        "coca"
      })
  void libtorchEqualsTheSpecification(String method) {
    for (ScoreRule rule : List.of(ScoreRule.SOFTMAX, ScoreRule.SQUARED_RELU)) {
      AttentionPlan plan = causal(method, LENGTH).with(rule).bidirectional(LENGTH);
      Tensor queries = random(4, 1);
      Tensor keys = random(2, 2);
      Tensor values = random(2, 3);
      Tensor expected = attend(new ReferenceAttention(), plan, queries, keys, values);
      Tensor found = attend(new TorchAttention(), plan, queries, keys, values);
      assertThat(found.sub(expected).abs().max().item_double()).as(method).isLessThan(1e-9);
    }
  }

  /// Read backwards, all distances change their sign; with the second channel of each pair negated
  /// all rotations do, too.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "rope",
        "window:window=5",
        "rerope:window=4",
        "leaky-rerope:window=4,factor=3",
        "log-n",
        "alibi"
      })
  void readBackwardsATextIsTheSame(String method) {
    AttentionPlan plan = causal(method, LENGTH).bidirectional(LENGTH);
    Tensor queries = random(4, 1);
    Tensor keys = random(2, 2);
    Tensor values = random(2, 3);
    Tensor forwards = attend(new ReferenceAttention(), plan, queries, keys, values);
    Tensor backwards =
        attend(new ReferenceAttention(), plan, rotated(queries), rotated(keys), values.flip(1));
    assertThat(backwards.flip(1).sub(forwards).abs().max().item_double()).isLessThan(1e-9);
  }

  private static Tensor rotated(Tensor tensor) {
    Tensor first = tensor.narrow(3, 0, 4);
    return torch.cat(new TensorVector(first, tensor.narrow(3, 4, 4).neg()), 3).flip(1);
  }

  /// Of one query and one key ahead, by hand: distances beyond the window count as the window.
  @Test
  void aKeyAheadTurnsTheOtherWay() {
    AttentionPlan plan = causal("rerope:window=4", LENGTH).bidirectional(LENGTH);
    RotaryTable rotary = RotaryTable.geometric(100, 8);
    double[] query = {1, 2, 3, 4, 5, 6, 7, 8};
    double[] key = {2, -1, 1, 0.5, 3, -2, 1, 1};
    for (int ahead : new int[] {1, 3, 4, 20}) {
      double[] rotated = ReferenceAttention.rotate(key, Math.min(ahead, 4), rotary);
      double expected = 0;
      for (int channel = 0; channel < 8; channel++) {
        expected += query[channel] * rotated[channel] / Math.sqrt(8);
      }
      assertThat(ReferenceAttention.score(plan, 0, query, 5, key, 5L + ahead))
          .isCloseTo(expected, Offset.offset(1e-12));
    }
  }

  @Test
  void theScaleIsThatOfTheWholeTextForEveryQuery() {
    AttentionPlan plan = causal("log-n:base=12,minimum=0", 144).bidirectional(144);
    assertThat(plan.scale().at(0)).isCloseTo(2, Offset.offset(1e-15));
    assertThat(plan.scale().at(143)).isCloseTo(2, Offset.offset(1e-15));
  }

  /// A text of one token has no logarithm to divide by.
  @Test
  void oneTokenSeesItself() {
    AttentionPlan plan = causal("log-n:base=12,minimum=0", 1).bidirectional(1);
    Tensor one = torch.ones(1, 1, 4, 8).to(ScalarType.Double);
    Tensor found = attend(new TorchAttention(), plan, one, one, one.mul(new Scalar(3.0)));
    assertThat(found.sub(new Scalar(3.0)).abs().max().item_double()).isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({
    "xpos, grow without end",
    "coca:variant=slack, place of the query",
    "fire, place of the query",
    "t5, buckets"
  })
  void whatIsMadeForKeysBehindIsRefused(String method, String reason) {
    AttentionPlan plan = causal(method, LENGTH);
    assertThat(plan.causalPart()).hasValueSatisfying(why -> assertThat(why).contains(reason));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.bidirectional(LENGTH))
        .withMessageContaining(reason);
  }
}
