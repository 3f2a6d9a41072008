package dev.lengthwise.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Which experts each token goes to, and with which weights.
///
/// @param chosen `[tokens, active]`, int64
/// @param weights `[tokens, active]`
record Routing(Tensor chosen, Tensor weights) {

  private static final ScalarTypeOptional NO_TYPE = new ScalarTypeOptional();

  /// The tokens of one expert.
  ///
  /// @param tokens their indices, int64
  /// @param weights `[tokens, 1]`
  record Share(int expert, Tensor tokens, Tensor weights) {}

  /// Chooses by the logits of the experts, as [FeedForward.Router] says.
  ///
  /// @param logits `[tokens, experts]`
  /// @param correction `[experts]`, or `null`
  static Routing of(FeedForward.Experts rule, Tensor logits, @Nullable Tensor correction) {
    FeedForward.Router router = rule.router();
    Tensor shares =
        switch (router.scoring()) {
          case SOFTMAX -> torch.softmax(logits, -1);
          case SOFTMAX_OF_CHOSEN -> logits;
          case SIGMOID -> torch.sigmoid(logits);
        };
    Tensor choice = correction == null ? shares : shares.add(correction);
    Tensor chosen = torch.topk(inGroups(router, choice), rule.active()).get1();
    Tensor weights = shares.gather(-1, chosen);
    if (router.scoring() == FeedForward.Router.Scoring.SOFTMAX_OF_CHOSEN) {
      weights = torch.softmax(weights, -1);
    }
    if (router.renormalised()) {
      weights = weights.div(weights.sum(new long[] {-1}, true, NO_TYPE));
    }
    return new Routing(
        chosen, router.scale() == 1 ? weights : weights.mul(new Scalar(router.scale())));
  }

  // −∞ outside of the groups whose best experts are best together.
  private static Tensor inGroups(FeedForward.Router router, Tensor choice) {
    if (router.groups() == 1) {
      return choice;
    }
    Tensor grouped = choice.unflatten(-1, router.groups(), choice.size(-1) / router.groups());
    long best = Math.min(router.bestOfGroup(), grouped.size(-1));
    Tensor sums = torch.topk(grouped, best).get0().sum(new long[] {-1}, false, NO_TYPE);
    Tensor open = torch.topk(sums, router.activeGroups()).get1(); // [tokens, activeGroups]
    Tensor mask = torch.zeros_like(sums).scatter(-1, open, new Scalar(1.0)).unsqueeze(-1);
    return grouped
        .masked_fill(mask.eq(new Scalar(0.0)), new Scalar(Double.NEGATIVE_INFINITY))
        .flatten(-2, -1);
  }

  /// The experts that some token goes to, in their order.
  List<Share> shares(int experts) {
    long active = chosen.size(1);
    long[] all = new long[(int) chosen.numel()];
    new LongPointer(chosen.cpu().contiguous().data_ptr_long()).get(all);
    Tensor flat = weights.flatten(0, 1); // [tokens · active]
    List<Share> shares = new ArrayList<>();
    for (int expert = 0; expert < experts; expert++) {
      long own = expert;
      long[] places =
          LongStream.range(0, all.length).filter(place -> all[(int) place] == own).toArray();
      if (places.length > 0) {
        long[] tokens = Arrays.stream(places).map(place -> place / active).toArray();
        shares.add(
            new Share(
                expert,
                Tensor.create(tokens).to(chosen.device(), chosen.scalar_type()),
                flat.index_select(
                        0, Tensor.create(places).to(chosen.device(), chosen.scalar_type()))
                    .unsqueeze(1)));
      }
    }
    return shares;
  }
}
