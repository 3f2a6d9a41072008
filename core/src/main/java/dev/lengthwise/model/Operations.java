package dev.lengthwise.model;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.matrix.Gating;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// What a [Decoder] computes with: the verbs of a forward pass, each as much as can be done in one
/// go. In libtorch, where gradients flow, on any device ([TorchOperations]); or on weights in
/// place, for inference on processors ([MappedOperations]).
///
/// Verbs know projections and norms, and neither layers nor families.
interface Operations {

  /// Starts a pass over `batch · tokens` tokens.
  Pass start(long batch, long tokens);

  /// One pass. Rows that a verb gives may be memory that the same verb uses again when it is called
  /// the next time, in the same pass, for the same [Slot].
  interface Pass {

    /// Rows of a table.
    ///
    /// @param ids `[batch, tokens]`, int64
    /// @param scale factor on them
    Rows embed(Slot slot, Tensor ids, Projection table, double scale);

    /// `norm(rows)`; `rows` themselves without a norm.
    Rows normed(Rows rows, BoundNorm norm);

    /// Products of some matrices with `norm(rows)`, in their order.
    ///
    /// @param slots of the projections; each gets memory of its own
    List<Rows> project(Rows rows, BoundNorm norm, List<Slot> slots, List<Projection> projections);

    /// The product of one matrix with rows as they are.
    Rows product(Slot slot, Rows rows, Projection projection);

    /// `gating(gate · x, up · x)` where `x = norm(rows)`.
    Rows gated(Rows rows, BoundNorm norm, Projection gate, Projection up, Gating gating);

    /// `activation(up · x)` where `x = norm(rows)`.
    Rows activated(Rows rows, BoundNorm norm, Projection up, Activation activation);

    /// Queries or keys, normed as [Mixer.HeadNorm] says.
    Rows headNormed(Rows rows, BoundNorm norm, Mixer.HeadNorm.Extent extent, int heads);

    /// What tokens take from those that they see, `[batch, tokens, heads · valueSize]`.
    ///
    /// @param heads of queries
    /// @param keyValueHeads of keys and of values
    default Rows attended(
        LayerAttention attention,
        int layer,
        Rows queries,
        int heads,
        Rows keys,
        Rows values,
        int keyValueHeads) {
      Tensor attended =
          attention.attend(
              layer, queries.heads(heads), keys.heads(keyValueHeads), values.heads(keyValueHeads));
      return Rows.of(attended.flatten(2, 3));
    }

    /// Every number brought within `[−bound, bound]`.
    Rows clamped(Rows rows, double bound);

    /// `stream + scale · (rows Wᵀ + b)`.
    Rows add(Rows stream, Rows rows, Projection projection, double scale);

    /// `stream + scale · rows`.
    Rows add(Rows stream, Rows rows, double scale);

    /// The stream after the last norm, `[batch, tokens, hidden]`, f32 (or f64), in memory of its
    /// own.
    Tensor result(Rows stream, BoundNorm norm);
  }
}
