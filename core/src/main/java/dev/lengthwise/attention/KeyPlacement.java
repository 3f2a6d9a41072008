package dev.lengthwise.attention;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import java.util.List;

/// What was done to keys before they were kept: mapped or not, and turned to the places that a
/// position map gives by a table of frequencies. Factors of a decay count from the first token of
/// the page.
///
/// Two branches whose keys have the same placement share what is kept: `ψ = 0`, or a model without
/// rotary positions, needs keys that are mapped only.
///
/// @param map what became of keys before they turned
/// @param turn how they turned, to the places `ψ`
record KeyPlacement(QueryKeyMap map, Turn turn) {

  /// Keys as they are projected.
  static final KeyPlacement RAW = still(QueryKeyMap.IDENTITY);

  private static KeyPlacement still(QueryKeyMap map) {
    return of(map, RotaryTable.NONE, new PositionMap.Fixed(0));
  }

  private static KeyPlacement of(QueryKeyMap map, RotaryTable rotary, PositionMap places) {
    return new KeyPlacement(map, new Turn(rotary, places, map, true));
  }

  /// How `branch` of `plan` wants keys.
  static KeyPlacement of(AttentionPlan plan, Branch branch) {
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

  /// Every placement that `plan` needs, each once.
  static List<KeyPlacement> of(AttentionPlan plan) {
    return plan.branchesWithCandidates().stream()
        .map(branch -> of(plan, branch))
        .distinct()
        .toList();
  }

  /// Whether keys turn.
  boolean turns() {
    return turn.rotary().pairs() > 0;
  }
}
