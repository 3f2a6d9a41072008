package dev.lengthwise.model;

import org.jspecify.annotations.Nullable;

/// One layer with its weights: a token mixer and a feed-forward block beside the residual stream.
final class Block {

  private final Residual residual;
  private final TokenMixer mixer;
  private final FeedForwardBlock feedForward;
  private final BoundNorm mixerNorm;
  private final BoundNorm mixerOutputNorm;
  private final BoundNorm feedForwardNorm;
  private final BoundNorm feedForwardOutputNorm;

  Block(int layer, LayerSpec spec, Weights weights) {
    this.residual = spec.residual();
    this.mixer = TokenMixer.of(layer, spec.mixer(), weights);
    this.feedForward = FeedForwardBlock.of(layer, spec.feedForward(), weights);
    this.mixerNorm = weights.norm(layer, Slot.MIXER_NORM, residual.mixer());
    this.mixerOutputNorm = weights.norm(layer, Slot.MIXER_OUTPUT_NORM, residual.mixerOutput());
    boolean exists = !(spec.feedForward() instanceof FeedForward.None);
    this.feedForwardNorm =
        exists
            ? weights.norm(layer, Slot.FEED_FORWARD_NORM, residual.feedForward())
            : BoundNorm.NONE;
    this.feedForwardOutputNorm =
        exists
            ? weights.norm(layer, Slot.FEED_FORWARD_OUTPUT_NORM, residual.feedForwardOutput())
            : BoundNorm.NONE;
  }

  /// What a branch adds to the stream: some rows, through a last projection where there is one.
  ///
  /// @param rows `[batch, tokens, inner]`, or `[batch, tokens, hidden]` without a projection
  record Branch(Rows rows, @Nullable Projection last) {}

  /// The stream after the layer.
  Rows run(Operations.Pass pass, Rows stream, LayerAttention attention) {
    return switch (residual.order()) {
      case SEQUENTIAL -> {
        Branch mixed = mixer.mix(pass, stream, mixerNorm, attention);
        Rows between = added(pass, stream, mixed, mixerOutputNorm);
        @Nullable Branch inner = feedForward.run(pass, between, feedForwardNorm);
        yield added(pass, between, inner, feedForwardOutputNorm);
      }
      case PARALLEL -> {
        Branch mixed = mixer.mix(pass, stream, mixerNorm, attention);
        @Nullable Branch inner = feedForward.run(pass, stream, feedForwardNorm);
        yield both(pass, stream, mixed, inner);
      }
      case PARALLEL_SHARED -> {
        Rows normed = pass.normed(stream, mixerNorm);
        Branch mixed = mixer.mix(pass, normed, BoundNorm.NONE, attention);
        @Nullable Branch inner = feedForward.run(pass, normed, BoundNorm.NONE);
        yield both(pass, stream, mixed, inner);
      }
      case FROM_NORMED -> {
        Rows read = pass.normed(stream, mixerNorm);
        Branch mixed = mixer.mix(pass, read, BoundNorm.NONE, attention);
        Rows between = pass.normed(added(pass, read, mixed, mixerOutputNorm), feedForwardNorm);
        @Nullable Branch inner = feedForward.run(pass, between, BoundNorm.NONE);
        yield added(pass, between, inner, feedForwardOutputNorm);
      }
      case AFTER_SUM -> {
        Branch mixed = mixer.mix(pass, stream, BoundNorm.NONE, attention);
        Rows between = pass.normed(added(pass, stream, mixed, mixerOutputNorm), mixerNorm);
        @Nullable Branch inner = feedForward.run(pass, between, BoundNorm.NONE);
        yield pass.normed(added(pass, between, inner, feedForwardOutputNorm), feedForwardNorm);
      }
    };
  }

  private Rows both(Operations.Pass pass, Rows stream, Branch mixed, @Nullable Branch inner) {
    Rows first = added(pass, stream, mixed, mixerOutputNorm);
    return added(pass, first, inner, feedForwardOutputNorm);
  }

  private Rows added(
      Operations.Pass pass, Rows stream, @Nullable Branch branch, BoundNorm outputNorm) {
    if (branch == null) {
      return stream;
    }
    Projection last = branch.last();
    if (last != null && !outputNorm.exists()) {
      return pass.add(stream, branch.rows(), last, residual.scale());
    }
    Rows rows =
        last == null ? branch.rows() : pass.product(Slot.MIXER_OUTPUT_NORM, branch.rows(), last);
    return pass.add(stream, pass.normed(rows, outputNorm), residual.scale());
  }
}
