package dev.lengthwise.attention;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import java.util.List;

/// What was done to keys before they were kept: normalised or not, and turned to the places that a
/// position map gives by a table of frequencies.
///
/// Two branches whose keys have the same placement share what is kept: `ψ = 0`, or a model without
/// rotary positions, needs keys as they are.
///
/// @param normalised whether keys were divided by their length
/// @param rotary the frequencies
/// @param map the places, `ψ`
record KeyPlacement(boolean normalised, RotaryTable rotary, PositionMap map) {

  /// Keys as they are projected.
  static final KeyPlacement RAW =
      new KeyPlacement(false, RotaryTable.NONE, new PositionMap.Fixed(0));

  /// How `branch` of `plan` wants keys.
  static KeyPlacement of(AttentionPlan plan, Branch branch) {
    boolean normalised =
        switch (plan.map()) {
          case QueryKeyMap.Normalize normalize -> normalize.keys();
        };
    boolean still =
        plan.rotary().pairs() == 0
            || (branch.key() instanceof PositionMap.Fixed fixed && fixed.position() == 0);
    return still
        ? new KeyPlacement(normalised, RotaryTable.NONE, RAW.map)
        : new KeyPlacement(normalised, plan.rotary(), branch.key());
  }

  /// Every placement that `plan` needs, each once.
  static List<KeyPlacement> of(AttentionPlan plan) {
    return plan.branches().stream().map(branch -> of(plan, branch)).distinct().toList();
  }

  /// Whether keys turn.
  boolean turns() {
    return rotary.pairs() > 0;
  }
}
