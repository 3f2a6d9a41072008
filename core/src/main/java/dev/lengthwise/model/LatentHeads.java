package dev.lengthwise.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Latent attention ([Mixer.LatentAttention]). Keys and values are made whole before they are kept,
/// so that every position method sees ordinary heads; the small vectors save weights here, not
/// memory of the cache.
final class LatentHeads implements TokenMixer {

  private static final List<Slot> KEY_SLOTS = List.of(Slot.KEY_DOWN, Slot.ROTARY_KEY);
  private static final List<Slot> HEAD_SLOTS = List.of(Slot.KEY, Slot.VALUE);

  private final int layer;
  private final Mixer.LatentAttention spec;
  private final @Nullable Projection queryDown;
  private final BoundNorm queryNorm;
  private final Projection query;
  private final List<Projection> keyDown; // the small vector, and the channels that turn
  private final BoundNorm keyNorm;
  private final List<Projection> heads; // keys that do not turn, values
  private final Projection output;

  LatentHeads(int layer, Mixer.LatentAttention spec, Weights weights) {
    this.layer = layer;
    this.spec = spec;
    boolean small = spec.queryRank() > 0;
    this.queryDown = small ? weights.projection(layer, Slot.QUERY_DOWN) : null;
    this.queryNorm =
        small ? weights.norm(layer, Slot.QUERY_DOWN_NORM, spec.norm()) : BoundNorm.NONE;
    this.query = weights.projection(layer, small ? Slot.QUERY_UP : Slot.QUERY);
    this.keyDown = KEY_SLOTS.stream().map(slot -> weights.projection(layer, slot)).toList();
    this.keyNorm = weights.norm(layer, Slot.KEY_DOWN_NORM, spec.norm());
    this.heads = HEAD_SLOTS.stream().map(slot -> weights.projection(layer, slot)).toList();
    this.output = weights.projection(layer, Slot.ATTENTION_OUTPUT);
  }

  @Override
  public Block.Branch mix(
      Operations.Pass pass, Rows rows, BoundNorm norm, LayerAttention attention) {
    Rows queries = queries(pass, rows, norm);
    List<Rows> small = pass.project(rows, norm, KEY_SLOTS, keyDown);
    Tensor turning = small.get(1).tensor().unsqueeze(2); // [batch, tokens, 1, rotarySize]
    List<Rows> made = pass.project(small.get(0), keyNorm, HEAD_SLOTS, heads);
    Tensor still = made.get(0).heads(spec.heads());
    Tensor keys =
        torch.cat(
            new TensorVector(
                turning.expand(turning.size(0), turning.size(1), spec.heads(), spec.rotarySize()),
                still),
            3);
    Tensor attended =
        attention.attend(layer, queries.heads(spec.heads()), keys, made.get(1).heads(spec.heads()));
    return new Block.Branch(Rows.of(attended.flatten(2, 3)), output);
  }

  private Rows queries(Operations.Pass pass, Rows rows, BoundNorm norm) {
    if (queryDown == null) {
      return pass.project(rows, norm, List.of(Slot.QUERY), List.of(query)).getFirst();
    }
    Rows small = pass.project(rows, norm, List.of(Slot.QUERY_DOWN), List.of(queryDown)).getFirst();
    return pass.project(small, queryNorm, List.of(Slot.QUERY_UP), List.of(query)).getFirst();
  }
}
