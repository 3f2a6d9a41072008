package dev.lengthwise.model;

import dev.lengthwise.model.WeightId.Part;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A feed-forward block with its weights.
sealed interface FeedForwardBlock {

  /// What the block adds to the stream; `null` for nothing.
  ///
  /// @param rows the stream, or what is made of it
  /// @param norm of what the block reads
  Block.@Nullable Branch run(Operations.Pass pass, Rows rows, BoundNorm norm);

  /// The block that `spec` describes.
  static FeedForwardBlock of(int layer, FeedForward spec, Weights weights) {
    return switch (spec) {
      case FeedForward.None _ -> new Nothing();
      case FeedForward.Plain plain ->
          new Plain(
              plain, weights.projection(layer, Slot.UP), weights.projection(layer, Slot.DOWN));
      case FeedForward.Gated gated ->
          new Gated(gated, expert(weights, layer, WeightId.NONE, Slot.GATE, Slot.UP, Slot.DOWN));
      case FeedForward.Experts experts -> Experts.of(layer, experts, weights);
    };
  }

  private static ExpertWeights.Expert expert(
      Weights weights, int layer, int expert, Slot gate, Slot up, Slot down) {
    return new ExpertWeights.Expert(
        weights.projection(new WeightId(gate, layer, expert, Part.WEIGHT)),
        weights.projection(new WeightId(up, layer, expert, Part.WEIGHT)),
        weights.projection(new WeightId(down, layer, expert, Part.WEIGHT)));
  }

  /// No block.
  record Nothing() implements FeedForwardBlock {

    @Override
    public Block.@Nullable Branch run(Operations.Pass pass, Rows rows, BoundNorm norm) {
      return null;
    }
  }

  /// [FeedForward.Plain].
  record Plain(FeedForward.Plain spec, Projection up, Projection down) implements FeedForwardBlock {

    @Override
    public Block.Branch run(Operations.Pass pass, Rows rows, BoundNorm norm) {
      return new Block.Branch(pass.activated(rows, norm, up, spec.activation()), down);
    }
  }

  /// [FeedForward.Gated].
  record Gated(FeedForward.Gated spec, ExpertWeights.Expert weights) implements FeedForwardBlock {

    @Override
    public Block.Branch run(Operations.Pass pass, Rows rows, BoundNorm norm) {
      Rows inner = pass.gated(rows, norm, weights.gate(), weights.up(), spec.gating());
      return new Block.Branch(inner, weights.down());
    }
  }

  /// [FeedForward.Experts].
  ///
  /// @param shared the block that every token goes through, or `null`
  /// @param sharedRouter `hidden → 1`, or `null`
  record Experts(
      ExpertWeights weights,
      ExpertWeights.@Nullable Expert shared,
      @Nullable Projection sharedRouter)
      implements FeedForwardBlock {

    static Experts of(int layer, FeedForward.Experts spec, Weights weights) {
      List<ExpertWeights.Expert> all = new ArrayList<>();
      for (int expert = 0; expert < spec.count(); expert++) {
        all.add(expert(weights, layer, expert, Slot.EXPERT_GATE, Slot.EXPERT_UP, Slot.EXPERT_DOWN));
      }
      ExpertWeights own =
          new ExpertWeights(
              spec,
              weights.projection(layer, Slot.ROUTER),
              weights.find(WeightId.of(layer, Slot.ROUTER_CORRECTION)),
              all);
      return new Experts(
          own,
          spec.shared() == null
              ? null
              : expert(
                  weights,
                  layer,
                  WeightId.NONE,
                  Slot.SHARED_GATE,
                  Slot.SHARED_UP,
                  Slot.SHARED_DOWN),
          spec.sharedGate() ? weights.projection(layer, Slot.SHARED_ROUTER) : null);
    }

    @Override
    public Block.Branch run(Operations.Pass pass, Rows rows, BoundNorm norm) {
      Rows normed = pass.normed(rows, norm);
      Rows sum = Rows.of(chosen(pass, normed));
      ExpertWeights.@Nullable Expert own = shared;
      FeedForward.@Nullable Gated spec = weights.rule().shared();
      if (own == null || spec == null) {
        return new Block.Branch(sum, null);
      }
      Rows inner = pass.gated(normed, BoundNorm.NONE, own.gate(), own.up(), spec.gating());
      if (sharedRouter == null) {
        return new Block.Branch(pass.add(sum, inner, own.down(), 1), null);
      }
      Tensor gate = torch.sigmoid(pass.product(Slot.SHARED_ROUTER, normed, sharedRouter).tensor());
      Tensor made = pass.product(Slot.SHARED_DOWN, inner, own.down()).tensor();
      return new Block.Branch(pass.add(sum, Rows.of(made.mul(gate)), 1), null);
    }

    // Expert by expert, so that each multiplies all of its tokens at once. [batch, tokens, hidden]
    private Tensor chosen(Operations.Pass pass, Rows normed) {
      Tensor logits = pass.product(Slot.ROUTER, normed, weights.router()).tensor().flatten(0, 1);
      Routing routing = Routing.of(weights.rule(), logits, weights.correction());
      Tensor inputs = normed.tensor().flatten(0, 1); // [all tokens, hidden]
      Tensor sum = torch.zeros_like(inputs);
      for (Routing.Share share : routing.shares(weights.rule().count())) {
        ExpertWeights.Expert expert = weights.experts().get(share.expert());
        boolean onInput = weights.rule().router().onInput();
        Tensor own = inputs.index_select(0, share.tokens());
        Rows given = Rows.of((onInput ? own.mul(share.weights()) : own).unsqueeze(0));
        FeedForward.Gated rule = weights.rule().expert();
        Rows inner = pass.gated(given, BoundNorm.NONE, expert.gate(), expert.up(), rule.gating());
        Tensor made = pass.product(Slot.EXPERT_DOWN, inner, expert.down()).tensor().select(0, 0);
        Tensor weighed = onInput ? made : made.mul(share.weights());
        sum = sum.index_add(0, share.tokens(), weighed.to(sum.scalar_type()));
      }
      return sum.view_as(normed.tensor());
    }
  }
}
