package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.HeldTokens;
import dev.lengthwise.generate.ContextMap.Kind;
import dev.lengthwise.generate.ContextMap.Span;
import dev.lengthwise.method.LmInfinite;
import dev.lengthwise.method.LmInfinite.MiddleKeys;
import dev.lengthwise.method.Rerope;
import dev.lengthwise.method.Rope;
import dev.lengthwise.method.SelfExtend;
import dev.lengthwise.method.StreamingLlm;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ContextMapTest {

  private static final ModelShape SHAPE = new ModelShape(1, 1, 1, 8, 8, 10_000, 256);
  private static final long QUERY = 299;
  private static final HeldTokens ALL = new HeldTokens(0, 0, QUERY + 1);

  private static List<Span> spans(PositionMethod method, HeldTokens held) {
    AttentionPlan plan = new PlanFunction(SHAPE, new Rope(), method).plan(0, QUERY + 1);
    return ContextMap.spans(QUERY, plan, held);
  }

  private static Span unseen(long from, long until, Kind kind) {
    return new Span(from, until, kind, Double.NaN, Double.NaN);
  }

  @Test
  void plainPositionsLeaveEveryTokenWhereItIs() {
    assertThat(spans(new Rope(), ALL)).containsExactly(new Span(0, 300, Kind.EXACT, 299, 0));
  }

  @Test
  void whatLiesBeyondTheWindowOfReropeIsSeenAtItsEdge() {
    assertThat(spans(new Rerope(100), ALL))
        .containsExactly(
            new Span(0, 200, Kind.MOVED, 100, 100), new Span(200, 300, Kind.EXACT, 99, 0));
  }

  @Test
  void groupsOfSelfExtendBringTheFirstTokenNearer() {
    // φ(299) − ψ(0) = ⌊299/8⌋ + 100 − ⌊100/8⌋ and φ(299) − ψ(199) = 125 − ⌊199/8⌋
    assertThat(spans(new SelfExtend(8, 100), ALL))
        .containsExactly(
            new Span(0, 200, Kind.MOVED, 125, 101), new Span(200, 300, Kind.EXACT, 99, 0));
  }

  @Test
  void sinksStayAndWhatLiesBetweenThemAndTheWindowIsDroppedByPages() {
    assertThat(spans(new StreamingLlm(4, 50), new HeldTokens(64, 192, 300)))
        .containsExactly(
            new Span(0, 4, Kind.SINK, 53, 50),
            unseen(4, 64, Kind.HELD),
            unseen(64, 192, Kind.DROPPED),
            unseen(192, 250, Kind.HELD),
            new Span(250, 300, Kind.EXACT, 49, 0));
  }

  @Test
  void keysOfTheMiddleAreCandidates() {
    LmInfinite method =
        new LmInfinite(50, 4, OptionalLong.of(50), Optional.of(new MiddleKeys(5, 0, 25)));
    assertThat(spans(method, ALL))
        .extracting(Span::kind)
        .containsExactly(Kind.SINK, Kind.CANDIDATE, Kind.EXACT);
  }
}
