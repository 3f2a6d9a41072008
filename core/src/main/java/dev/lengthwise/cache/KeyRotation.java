package dev.lengthwise.cache;

import dev.lengthwise.attention.HeadMaps;
import dev.lengthwise.attention.Rotation;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Retention;
import dev.lengthwise.position.RotaryTable;
import java.util.List;

/// What was done to keys before they were kept: mapped or not, and turned to the places that a
/// position map gives by a table of frequencies. Factors of a decay count from the first token of
/// the page.
///
/// Two branches whose keys have the same rotation share what is kept: `ψ = 0`, or a model without
/// rotary positions, needs keys that are mapped only.
///
/// @param map what became of keys before they turned
/// @param rotation how they turned, to the places `ψ`
public record KeyRotation(QueryKeyMap map, Rotation rotation) {

  /// Keys as they are projected.
  public static final KeyRotation RAW = still(QueryKeyMap.IDENTITY);

  private static KeyRotation still(QueryKeyMap map) {
    return of(map, RotaryTable.NONE, new PositionMap.Fixed(0));
  }

  private static KeyRotation of(QueryKeyMap map, RotaryTable rotary, PositionMap places) {
    return new KeyRotation(map, new Rotation(rotary, places, map, true));
  }

  /// How `branch` of `plan` wants keys.
  public static KeyRotation of(AttentionPlan plan, Branch branch) {
    QueryKeyMap map = HeadMaps.ofKeys(plan.map());
    boolean still =
        plan.rotary().pairs() == 0
            || (branch.key() instanceof PositionMap.Fixed fixed && fixed.position() == 0);
    if (!still) {
      return of(map, plan.rotary(), branch.key());
    }
    // A decay is a part of turning.
    return map instanceof QueryKeyMap.Decay ? RAW : still(map);
  }

  /// Every rotation that `plan` needs, each once.
  public static List<KeyRotation> of(AttentionPlan plan) {
    return plan.branchesWithCandidates().stream()
        .map(branch -> of(plan, branch))
        .distinct()
        .toList();
  }

  /// What of the keys with this rotation must stay: what branches see that want keys so.
  ///
  /// @param only whether keys are kept with this rotation alone, which all branches then read
  Retention retention(AttentionPlan plan, boolean only) {
    if (only) {
      return plan.retention();
    }
    return plan.branchesWithCandidates().stream()
        .filter(branch -> of(plan, branch).equals(this))
        .map(branch -> branch.region().retention())
        .reduce(new Retention(0, 0), Retention::and);
  }

  /// Whether keys turn.
  public boolean rotates() {
    return rotation.rotary().pairs() > 0;
  }
}
