package dev.lengthwise.attention.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Positions;
import dev.lengthwise.method.Rope;
import dev.lengthwise.method.Window;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which keys blocks of rows read, and that what they leave out is never missed.
class VisibleKeysTest {

  private static final ModelShape SHAPE = new ModelShape(1, 2, 1, 8, 8, 100, 64);

  private static AttentionPlan plan(PositionMethod method) {
    return new PlanFunction(SHAPE, new Rope(), method).plan(0, 1000);
  }

  @Test
  void aMaskIsOneOrTwoRuns() {
    assertThat(VisibleKeys.of(plan(new Window(20)), 100, 109).runs())
        .containsExactly(new Bounds(81, 110));
    AttentionPlan lambda = plan(Positions.lmInfinite(20, 5));
    assertThat(VisibleKeys.of(lambda, 100, 109).runs())
        .containsExactly(new Bounds(0, 5), new Bounds(81, 110));
    assertThat(VisibleKeys.of(lambda, 0, 30).runs()).containsExactly(new Bounds(0, 31));
    assertThat(VisibleKeys.of(lambda, 24, 24).runs()).containsExactly(new Bounds(0, 25));
    assertThat(VisibleKeys.of(plan(new Rope()), 7, 9).runs()).containsExactly(new Bounds(0, 10));
    assertThat(VisibleKeys.of(plan(new Window(20)).bidirectional(50), 7, 9).runs())
        .containsExactly(Bounds.ALL);
  }

  @Test
  void rowsOfHeldKeysAreFound() {
    VisibleKeys keys = VisibleKeys.of(plan(Positions.lmInfinite(20, 5)), 100, 100);
    List<KeySpan> held = List.of(new KeySpan(0, 0, 64), new KeySpan(70, 64, 31));
    assertThat(keys.within(held)).containsExactly(new KeySpan(0, 0, 5), new KeySpan(81, 75, 20));
    assertThat(keys.count(held)).isEqualTo(25);
  }

  /// Of the pairs that blocks compute, a part that no longer text makes smaller is seen.
  @ParameterizedTest
  @ValueSource(ints = {100, 1_000, 10_000, 100_000})
  void theWorkOfAWindowIsInProportionToTheRows(int length) {
    try (PointerScope _ = new PointerScope()) {
      for (PositionMethod method : List.of(new Window(300), Positions.lmInfinite(300, 10))) {
        Tensor rows = torch.zeros(1, length, 1, 1);
        TorchCall call =
            new TorchCall(
                plan(method),
                new QueryRows(rows, 0),
                rows,
                rows,
                List.of(new KeySpan(0, 0, length)),
                Map.of());
        long pairs = 0;
        int blocks = 0;
        for (int row = 0; row < length; blocks++) {
          int count = call.rowsOfBlock(row, length - row, 1 << 24);
          TorchCall block = call.rows(row, count);
          pairs += count * block.keys().size(1);
          row += count;
        }
        assertThat(pairs).isLessThanOrEqualTo(700L * length);
        assertThat(blocks).isLessThanOrEqualTo(1 + length / 100);
      }
    }
  }

  /// From the first row, where blocks differ, and from rows in the middle.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "rope",
        "window:window=40",
        "lm-infinite:local=33,global=5",
        "lm-infinite:local=33,global=5,ceiling=none",
        "streaming-llm:sinks=3,window=50",
        "rerope:window=20",
        "leaky-rerope:window=20,factor=4",
        "self-extend:group=4,window=20",
        "dual-chunk:chunk=24,local=8",
        "xpos",
        "coca:variant=slack",
        "lm-infinite:local=33,global=5+log-n:base=16",
        "alibi",
        "t5",
        "fire:width=4"
      })
  void blocksGiveWhatTheSpecificationGives(String method) {
    AttentionPlan plan = plan(new MethodParser(SHAPE, new Rope()).parse(method));
    for (int length : new int[] {65, 151, 389}) {
      try (PointerScope _ = new PointerScope()) {
        torch.manual_seed(length);
        Tensor queries = torch.randn(1, length, 2, 8);
        Tensor keys = torch.randn(1, length, 1, 8);
        Tensor values = torch.randn(1, length, 1, 8);
        KeyValueRows rows = KeyValueRows.fromStart(keys, values);
        Tensor expected = new ReferenceAttention().attend(plan, new QueryRows(queries, 0), rows);
        TorchAttention torchEngine = new TorchAttention();
        assertThat(difference(expected, torchEngine.attend(plan, new QueryRows(queries, 0), rows)))
            .isLessThan(6e-6);
        for (int from : new int[] {1, 40, length - 1}) {
          QueryRows later = new QueryRows(queries.narrow(1, from, length - from), from);
          assertThat(
                  difference(
                      expected.narrow(1, from, length - from),
                      torchEngine.attend(plan, later, rows)))
              .isLessThan(6e-6);
        }
      }
    }
  }

  private static double difference(Tensor expected, Tensor found) {
    return found.sub(expected).abs().max().item_double();
  }
}
