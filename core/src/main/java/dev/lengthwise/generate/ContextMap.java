package dev.lengthwise.generate;

import dev.lengthwise.attention.HeldTokens;
import dev.lengthwise.cache.KeyValueCache;
import dev.lengthwise.cache.LayerState;
import dev.lengthwise.cache.RecurrentState;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// What the last token of a text sees of it, layer by layer, how far away each token appears to
/// stand, and what is still held of the others.
///
/// It is made of the plans that the engine has run and of the stores that it has read, so it says
/// what has happened and not what a method promises.
///
/// @param tokens of the text that have been read
/// @param layers runs of layers that see and hold the same, in order
public record ContextMap(long tokens, List<Layers> layers) {

  /// Copies the list.
  public ContextMap {
    layers = List.copyOf(layers);
  }

  /// What becomes of tokens.
  public enum Kind {
    /// Seen at its true distance.
    EXACT,
    /// Seen at another distance: clamped to a window, or shared by a group.
    MOVED,
    /// One of the first tokens, which stay visible beyond a window.
    SINK,
    /// Seen only where its score is among the greatest.
    CANDIDATE,
    /// Not seen, but in memory: pages go whole, and a page goes when no later token sees it.
    HELD,
    /// Neither seen nor held.
    DROPPED,
    /// Only part of the state of a recurrence.
    STATE
  }

  /// Layers that see and hold the same.
  ///
  /// @param first number of the first of them
  /// @param last number of the last of them
  /// @param spans all tokens of the text, in order
  public record Layers(int first, int last, List<Span> spans) {

    /// Copies the list.
    public Layers {
      spans = List.copyOf(spans);
    }
  }

  /// Neighbours that have the same fate.
  ///
  /// @param from the first of them
  /// @param until the first after them
  /// @param kind what becomes of them
  /// @param farthest distance at which the first of them appears to stand; NaN where it is not seen
  /// @param nearest distance at which the last of them appears to stand; NaN where it is not seen
  public record Span(long from, long until, Kind kind, double farthest, double nearest) {}

  /// @param tokens that have been read
  /// @param plans of the layers, at this length
  /// @param states of the layers
  static ContextMap of(long tokens, List<AttentionPlan> plans, List<LayerState> states) {
    List<Layers> runs = new ArrayList<>();
    for (int layer = 0; tokens > 0 && layer < plans.size(); layer++) {
      List<Span> spans =
          switch (states.get(layer)) {
            case KeyValueCache cache -> spans(tokens - 1, plans.get(layer), cache.held());
            case RecurrentState _ ->
                List.of(new Span(0, tokens, Kind.STATE, Double.NaN, Double.NaN));
          };
      if (!runs.isEmpty() && runs.getLast().spans().equals(spans)) {
        runs.set(runs.size() - 1, new Layers(runs.getLast().first(), layer, spans));
      } else {
        runs.add(new Layers(layer, layer, spans));
      }
    }
    return new ContextMap(tokens, runs);
  }

  /// The spans of one layer: the text is cut where a run of keys of the plan, or of the store,
  /// begins or ends, so that every piece has one fate.
  ///
  /// @param query index of the last token
  static List<Span> spans(long query, AttentionPlan plan, HeldTokens held) {
    TreeSet<Long> cuts = new TreeSet<>(List.of(0L, query + 1, held.first(), held.recent()));
    for (Branch branch : plan.branchesWithCandidates()) {
      Bounds keys = branch.region().keys(query);
      cuts.add(keys.from());
      cuts.add(keys.until());
    }
    List<Span> spans = new ArrayList<>();
    List<Long> ends = List.copyOf(cuts.headSet(query + 1, true));
    for (int piece = 1; piece < ends.size(); piece++) {
      long from = ends.get(piece - 1);
      long until = ends.get(piece);
      Span span = span(query, from, until, plan, held);
      boolean unseen = Double.isNaN(span.nearest());
      if (unseen && !spans.isEmpty() && spans.getLast().kind() == span.kind()) {
        from = spans.removeLast().from();
      }
      spans.add(new Span(from, until, span.kind(), span.farthest(), span.nearest()));
    }
    return spans;
  }

  private static Span span(long query, long from, long until, AttentionPlan plan, HeldTokens held) {
    for (Branch branch : plan.branches()) {
      if (branch.region().keys(query).contains(from)) {
        double farthest = branch.relativePosition(query, from);
        double nearest = branch.relativePosition(query, until - 1);
        boolean exact = farthest == query - from && nearest == query - (until - 1);
        Kind seen = exact ? Kind.EXACT : Kind.MOVED;
        return new Span(from, until, isSink(branch.region()) ? Kind.SINK : seen, farthest, nearest);
      }
    }
    boolean candidate =
        plan.selection() != null
            && plan.selection().candidates().region().keys(query).contains(from);
    boolean inMemory = from < held.first() || from >= held.recent();
    Kind unseen = candidate ? Kind.CANDIDATE : inMemory ? Kind.HELD : Kind.DROPPED;
    return new Span(from, until, unseen, Double.NaN, Double.NaN);
  }

  // A few first keys, seen by queries that are far from them.
  private static boolean isSink(Region region) {
    return region.key().from() == 0
        && region.key().until() != Bounds.UNBOUNDED
        && region.distance().from() > 0;
  }
}
