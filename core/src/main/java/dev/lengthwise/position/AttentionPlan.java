package dev.lengthwise.position;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Everything that a position method decides about one layer at one text length.
///
/// The score of query `i` and key `j` of head `h`, for the one branch `b` whose region holds `(i,
/// j)`, is
///
///     s(i) · ⟨ R^φb(i) q̂_i , R^ψb(j) k̂_j ⟩ / √headSize + β_h( i, φb(i) − ψb(j) )
///
/// times the sharpness of the table, times the scale and under the cap of the layer's own
/// [ScoreRule], both before the bias, and `−∞` when no branch holds the pair. Of keys ahead, in a
/// [bidirectional][#bidirectional] plan, `β` sees the distance `ψb(j) − φb(i)`. `R^x` turns pair
/// `m` by `x · θ_m` and multiplies what turns by the amplitude of the table. [QueryKeyMap] says
/// what `q̂` and `k̂` are, and where two of its kinds change the turned vectors too.
///
/// @param rotary the frequencies `θ` and the amplitude
/// @param branches rules whose regions do not overlap
/// @param scale `s`
/// @param bias `β`
/// @param map `q̂` and `k̂`
/// @param selection keys that the last query of a step sees beside those of the branches; `null`
///     for none
/// @param rule what the layer itself says of scores and weights, whatever the method
public record AttentionPlan(
    RotaryTable rotary,
    List<Branch> branches,
    ScoreScale scale,
    ScoreBias bias,
    QueryKeyMap map,
    @Nullable KeySelection selection,
    ScoreRule rule) {

  /// Copies the branches.
  public AttentionPlan {
    branches = List.copyOf(branches);
    if (branches.isEmpty()) {
      throw new IllegalArgumentException("a plan needs at least one branch");
    }
  }

  /// A plan whose scores go through a softmax as they are.
  public AttentionPlan(
      RotaryTable rotary,
      List<Branch> branches,
      ScoreScale scale,
      ScoreBias bias,
      QueryKeyMap map) {
    this(rotary, branches, scale, bias, map, null, ScoreRule.SOFTMAX);
  }

  /// This plan in a layer with another rule.
  public AttentionPlan with(ScoreRule other) {
    return new AttentionPlan(rotary, branches, scale, bias, map, selection, other);
  }

  /// This plan for queries that end no step.
  public AttentionPlan withoutSelection() {
    return selection == null
        ? this
        : new AttentionPlan(rotary, branches, scale, bias, map, null, rule);
  }

  /// This plan for a whole text under bidirectional attention.
  ///
  /// Keys ahead of a query have the mirror images of the branches, and every query sees as many
  /// tokens as the last one of the causal plan does, so a scale that grows with the place is the
  /// same for all of them.
  ///
  /// @param length tokens of the text
  /// @throws IllegalArgumentException where there is a [#causalPart]
  public AttentionPlan bidirectional(long length) {
    causalPart()
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException("this plan cannot see ahead: " + reason);
            });
    List<Branch> both = new ArrayList<>(branches);
    branches.forEach(branch -> both.add(branch.mirrored()));
    long last = Math.max(1, length - 1); // one token alone has weight 1 under any scale
    QueryKeyMap fixed =
        map instanceof QueryKeyMap.Cosine(ScoreScale lambda)
            ? new QueryKeyMap.Cosine(new ScoreScale.Constant(lambda.at(last)))
            : map;
    return new AttentionPlan(
        rotary,
        both,
        new ScoreScale.Constant(scale.at(last)),
        bias,
        fixed,
        null,
        rule.scaledAsAt(last));
  }

  /// What of this plan has no meaning for keys ahead of their queries, as the reason why; nothing
  /// where it can be [bidirectional][#bidirectional].
  public Optional<String> causalPart() {
    if (selection != null) {
      return Optional.of("it chooses keys for the last query of a step");
    }
    if (map instanceof QueryKeyMap.Decay) {
      return Optional.of("its scores grow without end with the distance of keys ahead");
    }
    if (map instanceof QueryKeyMap.Collinear(boolean slack) && slack) {
      return Optional.of("its scores depend on the place of the query, not on the distance alone");
    }
    return switch (bias) {
      case FireBias _ -> Optional.of("its bias counts a distance against the place of the query");
      case DistanceBias.Table _ ->
          Optional.of("its buckets do not tell keys ahead from keys behind");
      case ScoreBias.None _,
          ScoreBias.Linear _,
          DistanceBias.KerpleLog _,
          DistanceBias.KerplePower _,
          DistanceBias.Sandwich _ ->
          Optional.empty();
    };
  }

  /// What scores of the query at index `query` are multiplied by, beside `1/√headSize` and beside
  /// the amplitude of what turns: by the method, by its frequencies and by the layer.
  public double scaleAt(long query) {
    return scale.at(query) * rotary.sharpness() * rule.scale().at(query);
  }

  /// Plain causal attention with rotary positions.
  public static AttentionPlan plain(RotaryTable rotary) {
    return new AttentionPlan(
        rotary, List.of(Branch.PLAIN), ScoreScale.ONE, ScoreBias.NONE, QueryKeyMap.IDENTITY);
  }

  /// The branches, and behind them the candidates of the selection: every way in which a key may
  /// be seen.
  public List<Branch> branchesWithCandidates() {
    return selection == null
        ? branches
        : Stream.concat(branches.stream(), Stream.of(selection.candidates())).toList();
  }

  /// Which keys a cache must hold for the queries to come.
  public Retention retention() {
    return branchesWithCandidates().stream()
        .map(branch -> branch.region().retention())
        .reduce(new Retention(0, 0), Retention::and);
  }

  /// Whether some pair of the rectangle of queries `[firstQuery, lastQuery]` and keys `[firstKey,
  /// lastKey]` may be seen in a branch.
  public boolean touches(long firstQuery, long lastQuery, long firstKey, long lastKey) {
    for (Branch branch : branches) {
      if (branch.region().coverage(firstQuery, lastQuery, firstKey, lastKey)
          != Region.Coverage.NONE) {
        return true;
      }
    }
    return false;
  }
}
