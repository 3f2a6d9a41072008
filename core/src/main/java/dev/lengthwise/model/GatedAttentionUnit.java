package dev.lengthwise.model;

import dev.lengthwise.model.WeightId.Part;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The gated attention unit: attention of one head whose output is gated, in place of attention and
/// feed-forward block,
///
///     [u, v, z] = swish(x W),   q = γ_q z + β_q,   k = γ_k z + β_k
///     y = (u · attention(q, k, v)) W_o
///
/// with `u` and `v` of `e` inner channels and `z` of the head size `s`. How scores become weights,
/// and the log-n scale that GAU-α is trained with (`log-n:base=512,minimum=0.4444…`, that is
/// `max(n, 16)`), are in the plan.
///
/// Sources: W. Hua et al. 2022, "Transformer quality in linear time"; J. Su, kexue.fm 8934, 9052.
final class GatedAttentionUnit implements TokenMixer {

  private final int layer;
  private final Mixer.GatedUnit spec;
  private final Projection input;
  private final Projection output;
  private final Affine query;
  private final Affine key;

  GatedAttentionUnit(int layer, Mixer.GatedUnit spec, Weights weights) {
    this.layer = layer;
    this.spec = spec;
    this.input = weights.projection(layer, Slot.UNIT_INPUT);
    this.output = weights.projection(layer, Slot.UNIT_OUTPUT);
    this.query = Affine.of(weights, WeightId.of(layer, Slot.UNIT_QUERY));
    this.key = Affine.of(weights, WeightId.of(layer, Slot.UNIT_KEY));
  }

  @Override
  public Block.Branch mix(
      Operations.Pass pass, Rows rows, BoundNorm norm, LayerAttention attention) {
    Rows projected = pass.project(rows, norm, List.of(Slot.UNIT_INPUT), List.of(input)).getFirst();
    Tensor all = torch.silu(projected.tensor()); // [batch, tokens, 2e + s]
    Tensor gate = all.narrow(-1, 0, spec.inner());
    Tensor values = all.narrow(-1, spec.inner(), spec.inner());
    Tensor shared = all.narrow(-1, 2L * spec.inner(), spec.headSize());
    Tensor attended =
        attention.attend(layer, query.head(shared), key.head(shared), values.unsqueeze(2));
    return new Block.Branch(Rows.of(gate.mul(attended.squeeze(2))), output);
  }

  /// What makes queries or keys of the shared vector.
  ///
  /// @param scale `γ`
  /// @param offset `β`, or `null`
  private record Affine(Tensor scale, @Nullable Tensor offset) {

    static Affine of(Weights weights, WeightId id) {
      return new Affine(weights.vector(id.with(Part.SCALE)), weights.find(id.with(Part.OFFSET)));
    }

    // [batch, tokens, s] → [batch, tokens, 1, s]
    Tensor head(Tensor shared) {
      Tensor scaled = shared.mul(scale);
      Tensor whole = offset == null ? scaled : scaled.add(offset);
      return whole.to(shared.scalar_type()).unsqueeze(2);
    }
  }
}
