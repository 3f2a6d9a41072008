package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.FeedForward.Router.Scoring;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The experts that a header describes.
final class Experts {

  // Experts that speak for their group in DeepSeek-V3.
  private static final int BEST = 2;

  // Each has weights of its own: a wrong header would make lists without end of them.
  private static final int MOST = 4096;

  private Experts() {}

  /// Experts without a shared one.
  ///
  /// @throws dev.lengthwise.LengthwiseException where a number is missing or does not fit others
  static FeedForward.Experts of(
      Header header, FeedForward.Gated expert, FeedForward.Router router) {
    return of(header, expert, router, null, false);
  }

  /// Experts.
  ///
  /// @param shared the block that every token goes through; `null` for none
  /// @param sharedGate whether that one is weighed
  /// @throws dev.lengthwise.LengthwiseException where a number is missing or does not fit others
  static FeedForward.Experts of(
      Header header,
      FeedForward.Gated expert,
      FeedForward.Router router,
      FeedForward.@Nullable Gated shared,
      boolean sharedGate) {
    int count = header.size(Field.EXPERTS);
    if (count > MOST) {
      throw header.bad(Field.EXPERTS, "at most %d, far more than any model has".formatted(MOST));
    }
    int groups = router.groups();
    if (count % groups != 0) {
      throw header.bad(Field.GROUPS, "a divisor of the number of experts, " + count);
    }
    if (router.activeGroups() > groups) {
      throw header.bad(Field.ACTIVE_GROUPS, "at most the number of groups, " + groups);
    }
    int active = header.size(Field.ACTIVE_EXPERTS);
    int open = count / groups * router.activeGroups();
    if (active > open) {
      throw header.bad(
          Field.ACTIVE_EXPERTS,
          "at most the number of experts that a token may go to, %d".formatted(open));
    }
    return new FeedForward.Experts(count, active, expert, router, shared, sharedGate);
  }

  /// Experts beside shared ones, which are one block, as since DeepSeek-V2.
  ///
  /// @param shared number of shared experts; 0 for none
  /// @throws dev.lengthwise.LengthwiseException where a number is missing or does not fit others
  static FeedForward.Experts withShared(Header header, FeedForward.Router router, int shared) {
    int inner = header.size(Field.EXPERT_INNER);
    return of(
        header,
        header.gated(inner),
        router,
        shared > 0 ? header.gated(Math.multiplyExact(shared, inner)) : null,
        false);
  }

  /// The router of DeepSeek-V3: shares are `σ` of the logits, and trained numbers correct the
  /// choice.
  ///
  /// @param silent what a header means that does not say
  static FeedForward.Router corrected(Header header, Silent silent) {
    int groups = header.sizeOr(Field.GROUPS, silent.groups);
    return new FeedForward.Router(
        Scoring.SIGMOID,
        header.flag(Field.RENORMALISED, silent.renormalised),
        header.number(Field.EXPERT_SCALE, silent.scale),
        false,
        true,
        groups,
        header.sizeOr(Field.ACTIVE_GROUPS, silent.activeGroups),
        bestOfGroup(groups),
        false);
  }

  /// What a header means that does not say how experts are chosen.
  ///
  /// @param renormalised whether weights add up to 1
  /// @param scale factor on the weights
  /// @param groups of experts
  /// @param activeGroups groups that a token may go to
  record Silent(boolean renormalised, double scale, int groups, int activeGroups) {

    /// No groups, and no factor.
    static Silent plain(boolean renormalised) {
      return new Silent(renormalised, 1, 1, 1);
    }
  }

  /// How many experts speak for their group, in V3; with one group none need to.
  static int bestOfGroup(int groups) {
    return groups > 1 ? BEST : 1;
  }

  /// The indices of layers that a list of a header names.
  ///
  /// @param key of the list
  /// @param layers of the model
  static Set<Integer> layers(Settings settings, String key, int layers) {
    Set<Integer> named = new TreeSet<>();
    for (JsonNode index : settings.values().path(key)) {
      if (!index.isInt() || index.intValue() < 0 || index.intValue() >= layers) {
        throw settings.bad(key, "a list of layers from 0 to " + (layers - 1));
      }
      named.add(index.intValue());
    }
    return named;
  }
}
