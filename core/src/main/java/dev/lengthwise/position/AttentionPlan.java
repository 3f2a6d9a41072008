package dev.lengthwise.position;

import java.util.List;

/// Everything that a position method decides about one layer at one text length.
///
/// The score of query `i` and key `j` of head `h`, for the one branch `b` whose region holds `(i,
/// j)`, is
///
///     s(i) · ⟨ R^φb(i) q̂_i , R^ψb(j) k̂_j ⟩ / √headSize + β_h( i, φb(i) − ψb(j) )
///
/// and `−∞` when no branch holds the pair. `R^x` turns pair `m` by `x · θ_m`. [QueryKeyMap] says
/// what
/// `q̂` and `k̂` are, and where two of its kinds change the turned vectors too.
///
/// @param rotary the frequencies `θ`
/// @param branches rules whose regions do not overlap
/// @param scale `s`
/// @param bias `β`
/// @param map `q̂` and `k̂`
/// @param weights how scores become weights: what the block of the layer says, not the method
public record AttentionPlan(
    RotaryTable rotary,
    List<Branch> branches,
    ScoreScale scale,
    ScoreBias bias,
    QueryKeyMap map,
    ScoreWeights weights) {

  /// Copies the branches.
  public AttentionPlan {
    branches = List.copyOf(branches);
    if (branches.isEmpty()) {
      throw new IllegalArgumentException("a plan needs at least one branch");
    }
  }

  /// A plan whose scores go through a softmax.
  public AttentionPlan(
      RotaryTable rotary,
      List<Branch> branches,
      ScoreScale scale,
      ScoreBias bias,
      QueryKeyMap map) {
    this(rotary, branches, scale, bias, map, ScoreWeights.SOFTMAX);
  }

  /// This plan with other weights.
  public AttentionPlan with(ScoreWeights other) {
    return new AttentionPlan(rotary, branches, scale, bias, map, other);
  }

  /// Plain causal attention with rotary positions.
  public static AttentionPlan plain(RotaryTable rotary) {
    return new AttentionPlan(
        rotary, List.of(Branch.PLAIN), ScoreScale.ONE, ScoreBias.NONE, QueryKeyMap.IDENTITY);
  }

  /// Which keys a cache must hold for the queries to come.
  public Retention retention() {
    return branches.stream()
        .map(branch -> branch.region().retention())
        .reduce(new Retention(0, 0), Retention::and);
  }

  /// Whether some pair of the rectangle of queries `[firstQuery, lastQuery]` and keys `[firstKey,
  /// lastKey]` may be seen.
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
