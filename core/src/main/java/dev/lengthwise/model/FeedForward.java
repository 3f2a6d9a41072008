package dev.lengthwise.model;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.matrix.Gating;
import org.jspecify.annotations.Nullable;

/// What mixes the channels of a token in a layer.
public sealed interface FeedForward {

  /// Nothing: a gated attention unit does both.
  FeedForward NONE = new None();

  /// Nothing.
  record None() implements FeedForward {}

  /// `down(activation(up(x)))`.
  ///
  /// @param inner channels between the two
  /// @param activation between the two
  /// @param bias whether both projections have one
  record Plain(int inner, Activation activation, boolean bias) implements FeedForward {

    /// Checks the size.
    public Plain {
      requirePositive(inner);
    }
  }

  /// `down(gating(gate(x), up(x)))`.
  ///
  /// @param inner channels in between
  /// @param gating how the two products become one
  /// @param bias whether gate and up have one
  /// @param outputBias whether down has one
  record Gated(int inner, Gating gating, boolean bias, boolean outputBias) implements FeedForward {

    /// Checks the size.
    public Gated {
      requirePositive(inner);
    }

    /// The block of Llama.
    public static Gated silu(int inner) {
      return new Gated(inner, Gating.SILU, false, false);
    }

    /// The same with biases of all three projections, or of none.
    public Gated biased(boolean all) {
      return new Gated(inner, gating, all, all);
    }

    /// A block with another activation of its gate.
    public static Gated of(int inner, Activation activation) {
      return new Gated(inner, Gating.of(activation), false, false);
    }
  }

  /// A router sends each token to some of many gated blocks, and adds what they make.
  ///
  /// @param count number of experts
  /// @param active experts of a token
  /// @param expert each of them
  /// @param router how experts are chosen and weighed
  /// @param shared a block that every token goes through; `null` for none
  /// @param sharedGate whether that one is multiplied by `σ(w·x)`
  record Experts(
      int count,
      int active,
      Gated expert,
      Router router,
      @Nullable Gated shared,
      boolean sharedGate)
      implements FeedForward {

    /// Checks the numbers.
    public Experts {
      if (count <= 0 || active <= 0 || active > count) {
        throw new IllegalArgumentException(
            "a token cannot go to %d of %d experts".formatted(active, count));
      }
      if (sharedGate && shared == null) {
        throw new IllegalArgumentException("there is no shared expert to gate");
      }
      if (count % router.groups() != 0 || router.activeGroups() > router.groups()) {
        throw new IllegalArgumentException(
            "%d experts cannot be in %d groups".formatted(count, router.groups()));
      }
    }
  }

  /// How experts are chosen and weighed.
  ///
  /// @param scoring how the logits `r` of the experts become their shares
  /// @param renormalised whether the shares of the chosen are divided by their sum
  /// @param scale factor on the weights
  /// @param bias whether logits have a bias
  /// @param correction whether trained numbers are added to shares for the choice only
  /// @param groups groups of neighbouring experts; 1 for no groups
  /// @param activeGroups groups whose experts may be chosen: those with the greatest sums of their
  ///     best experts
  /// @param bestOfGroup how many experts of a group are summed for that
  /// @param onInput whether the weight multiplies what the expert reads, not what it makes
  record Router(
      Scoring scoring,
      boolean renormalised,
      double scale,
      boolean bias,
      boolean correction,
      int groups,
      int activeGroups,
      int bestOfGroup,
      boolean onInput) {

    /// How logits become shares.
    public enum Scoring {
      /// A softmax over all experts.
      SOFTMAX,
      /// A softmax over the chosen ones.
      SOFTMAX_OF_CHOSEN,
      /// `σ` of each.
      SIGMOID
    }

    /// Checks the numbers.
    public Router {
      if (groups <= 0 || activeGroups <= 0 || bestOfGroup <= 0 || !(scale > 0)) {
        throw new IllegalArgumentException("a router needs groups and a positive scale");
      }
    }

    /// A softmax over all experts, without groups.
    public static Router softmax(boolean renormalised) {
      return plain(Scoring.SOFTMAX, renormalised, false, false);
    }

    /// A softmax over the chosen experts, whose logits have a bias.
    public static Router softmaxOfChosen() {
      return plain(Scoring.SOFTMAX_OF_CHOSEN, false, true, false);
    }

    /// `σ` of each logit, which multiplies what an expert reads.
    public static Router sigmoidOnInput() {
      return plain(Scoring.SIGMOID, false, false, true);
    }

    private static Router plain(
        Scoring scoring, boolean renormalised, boolean bias, boolean onInput) {
      return new Router(scoring, renormalised, 1, bias, false, 1, 1, 1, onInput);
    }
  }

  private static void requirePositive(int inner) {
    if (inner <= 0) {
      throw new IllegalArgumentException("the inner size of a feed-forward block must be positive");
    }
  }
}
