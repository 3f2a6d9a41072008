package dev.lengthwise.model;

import java.util.List;

/// Attention of several heads, with one projection each for queries, keys, values and outputs.
final class MultiHeadAttention implements TokenMixer {

  private static final List<Slot> SLOTS = List.of(Slot.QUERY, Slot.KEY, Slot.VALUE);

  private final int layer;
  private final Mixer.Attention spec;
  private final List<Projection> inputs;
  private final Projection output;
  private final BoundNorm queryNorm;
  private final BoundNorm keyNorm;

  MultiHeadAttention(int layer, Mixer.Attention spec, Weights weights) {
    this.layer = layer;
    this.spec = spec;
    this.inputs = SLOTS.stream().map(slot -> weights.projection(layer, slot)).toList();
    this.output = weights.projection(layer, Slot.ATTENTION_OUTPUT);
    this.queryNorm = weights.norm(layer, Slot.QUERY_NORM, spec.norm().norm());
    this.keyNorm = weights.norm(layer, Slot.KEY_NORM, spec.norm().norm());
  }

  @Override
  public Block.Branch mix(
      Operations.Pass pass, Rows rows, BoundNorm norm, LayerAttention attention) {
    List<Rows> projected = pass.project(rows, norm, SLOTS, inputs);
    Rows attended =
        pass.attended(
            attention,
            layer,
            bounded(pass, projected.get(0), queryNorm, spec.heads()),
            spec.heads(),
            bounded(pass, projected.get(1), keyNorm, spec.keyValueHeads()),
            clamped(pass, projected.get(2)),
            spec.keyValueHeads());
    return new Block.Branch(attended, output);
  }

  private Rows clamped(Operations.Pass pass, Rows rows) {
    return spec.clamp().exists() ? pass.clamped(rows, spec.clamp().bound()) : rows;
  }

  // [batch, tokens, heads · headSize]
  private Rows bounded(Operations.Pass pass, Rows rows, BoundNorm norm, int heads) {
    if (!norm.exists()) {
      return clamped(pass, rows);
    }
    Mixer.HeadNorm.Extent extent = spec.norm().extent();
    return spec.clamp().afterNorm()
        ? clamped(pass, pass.headNormed(rows, norm, extent, heads))
        : pass.headNormed(clamped(pass, rows), norm, extent, heads);
  }
}
