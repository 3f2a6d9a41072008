package dev.lengthwise.position;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The parts of a plan that one method sets; a part that it leaves alone is `null`.
///
/// @param rotary frequencies, and the amplitude and sharpness that were tuned for them
/// @param branches rules
/// @param scale score scale
/// @param bias score bias
/// @param map query and key map
/// @param selection keys beside those of the branches, which goes with them; `null` for none
public record PlanParts(
    @Nullable RotaryTable rotary,
    @Nullable List<Branch> branches,
    @Nullable ScoreScale scale,
    @Nullable ScoreBias bias,
    @Nullable QueryKeyMap map,
    @Nullable KeySelection selection) {

  /// Nothing set.
  public static final PlanParts NOTHING = new PlanParts(null, null, null, null, null);

  /// Copies the branches.
  public PlanParts {
    branches = branches == null ? null : List.copyOf(branches);
  }

  /// Parts without a selection.
  public PlanParts(
      @Nullable RotaryTable rotary,
      @Nullable List<Branch> branches,
      @Nullable ScoreScale scale,
      @Nullable ScoreBias bias,
      @Nullable QueryKeyMap map) {
    this(rotary, branches, scale, bias, map, null);
  }

  /// Every part of a plan.
  static PlanParts of(AttentionPlan plan) {
    return new PlanParts(
        plan.rotary(), plan.branches(), plan.scale(), plan.bias(), plan.map(), plan.selection());
  }

  /// Only the frequencies.
  public static PlanParts of(RotaryTable rotary) {
    return new PlanParts(rotary, null, null, null, null);
  }

  /// Only the rules.
  public static PlanParts of(Branch... branches) {
    return new PlanParts(null, List.of(branches), null, null, null);
  }

  /// These parts with a selection beside their branches.
  public PlanParts with(KeySelection chosen) {
    return new PlanParts(rotary, branches, scale, bias, map, chosen);
  }

  /// Only the query and key map.
  public static PlanParts of(QueryKeyMap map) {
    return new PlanParts(null, null, null, null, map);
  }

  /// Only the scale.
  public static PlanParts of(ScoreScale scale) {
    return new PlanParts(null, null, scale, null, null);
  }

  /// These parts, and where one is not set, that of `other`.
  public PlanParts orElse(PlanParts other) {
    return new PlanParts(
        rotary != null ? rotary : other.rotary,
        branches != null ? branches : other.branches,
        scale != null ? scale : other.scale,
        bias != null ? bias : other.bias,
        map != null ? map : other.map,
        branches != null ? selection : other.selection);
  }

  /// These parts with other branches, or none set, and without a selection.
  PlanParts withBranches(@Nullable List<Branch> other) {
    return new PlanParts(rotary, other, scale, bias, map, null);
  }

  /// These parts with another scale, or none set.
  PlanParts withScale(@Nullable ScoreScale other) {
    return new PlanParts(rotary, branches, other, bias, map, selection);
  }

  /// These parts without frequencies.
  public PlanParts withoutFrequencies() {
    return new PlanParts(null, branches, scale, bias, map, selection);
  }

  /// The name of the first part that both set, or `null`. An amplitude and a sharpness sharpen
  /// scores, as a score scale does: two together are refused, since each is tuned to be the only
  /// one.
  public @Nullable String conflictWith(PlanParts other) {
    if (rotary != null && other.rotary != null) {
      return "the rotary frequencies";
    }
    if (branches != null && other.branches != null) {
      return "the branches (which keys are seen, at which positions)";
    }
    if (sharpens() && other.sharpens()) {
      return "the score scale";
    }
    if (bias != null && other.bias != null) {
      return "the score bias";
    }
    return map != null && other.map != null ? "the query and key map" : null;
  }

  private boolean sharpens() {
    return scale != null
        || (rotary != null && (rotary.amplitude() != 1 || rotary.sharpness() != 1));
  }

  /// The whole plan: parts that are not set are those of plain causal attention without positions.
  public AttentionPlan toPlan() {
    return new AttentionPlan(
        rotary != null ? rotary : RotaryTable.NONE,
        branches != null ? branches : List.of(Branch.PLAIN),
        scale != null ? scale : ScoreScale.ONE,
        bias != null ? bias : ScoreBias.NONE,
        map != null ? map : QueryKeyMap.IDENTITY,
        selection,
        ScoreRule.SOFTMAX);
  }
}
