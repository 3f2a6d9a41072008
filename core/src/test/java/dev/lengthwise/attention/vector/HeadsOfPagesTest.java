package dev.lengthwise.attention.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/// A few tokens of texts of several pages and several heads, which are seen in runs of pages: by an
/// engine that has served other texts, plans and sizes before as by a new one, bit for bit, and as
/// the specification has it.
class HeadsOfPagesTest {

  private static final int SIZE = 16;

  private record Case(AttentionPlan plan, int heads, int keyHeads, int length, int rows) {}

  private static AttentionPlan plan(QueryKeyMap map, Branch... branches) {
    return new AttentionPlan(
        RotaryTable.geometric(100, SIZE), List.of(branches), ScoreScale.ONE, ScoreBias.NONE, map);
  }

  private static List<AttentionPlan> plans() {
    Branch near = Branch.identity(Region.within(Bounds.below(200)));
    return List.of(
        plan(QueryKeyMap.IDENTITY, Branch.PLAIN),
        plan(QueryKeyMap.IDENTITY, Branch.identity(Region.within(Bounds.below(300)))),
        plan(
            QueryKeyMap.IDENTITY,
            near,
            new Branch(
                Region.within(Bounds.atLeast(200)),
                new PositionMap.Fixed(200),
                new PositionMap.Fixed(0))),
        plan(
            QueryKeyMap.IDENTITY,
            near,
            new Branch(
                Region.within(Bounds.atLeast(200)),
                new PositionMap.Divided(4, 150),
                new PositionMap.Divided(4, 0))),
        plan(
            QueryKeyMap.IDENTITY,
            near,
            new Branch(
                Region.firstKeys(70, 200), new PositionMap.Fixed(200), new PositionMap.Fixed(0))),
        plan(new QueryKeyMap.Decay(0.4, 512), Branch.PLAIN));
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (AttentionPlan plan : plans()) {
      for (int length : new int[] {130, 1100, 513, 1100}) {
        cases.add(new Case(plan, 12, 12, length, 1));
        cases.add(new Case(plan, 12, 4, length, 3));
        cases.add(new Case(plan, 10, 10, length, 1));
        cases.add(new Case(plan, 3, 3, length, 16));
      }
    }
    return cases;
  }

  @Test
  void anEngineThatHasServedOthersIsAsANewOne() {
    List<Case> cases = cases();
    SplittableRandom random = new SplittableRandom(3);
    try (Workers workers = new Workers(2)) {
      VectorAttention used = new VectorAttention(workers);
      for (int n = 0; n < 2 * cases.size(); n++) { // plans, lengths and sizes in any order
        Case each = cases.get(n < cases.size() ? n : random.nextInt(cases.size()));
        try (PointerScope _ = new PointerScope()) {
          torch.manual_seed(n);
          QueryRows queries =
              new QueryRows(
                  torch.randn(new long[] {1, each.rows, each.heads, SIZE}),
                  each.length - each.rows);
          long[] shape = {1, each.length, each.keyHeads, SIZE};
          KeyValueRows rows = KeyValueRows.fromStart(torch.randn(shape), torch.randn(shape));
          float[] found = floats(used.attend(each.plan, queries, rows));
          assertThat(found)
              .as("%s", each)
              .containsExactly(
                  floats(new VectorAttention(workers).attend(each.plan, queries, rows)));
          if (n < cases.size()) {
            assertThat(found)
                .as("%s", each)
                .containsExactly(
                    floats(new ReferenceAttention().attend(each.plan, queries, rows)),
                    within(4e-6f));
          }
        }
      }
    }
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    new FloatPointer(tensor.contiguous().data_ptr()).get(values);
    return values;
  }
}
