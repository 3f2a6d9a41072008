package dev.lengthwise.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The gated attention unit: attention of one head whose output is gated, in place of attention and
/// feed-forward block,
///
///     [u, v, z] = swish(x W),   q = γ_q z + β_q,   k = γ_k z + β_k
///     y = (u · attention(q, k, v)) W_o
///
/// with `u` and `v` as wide as the feed-forward size (`e`) and `z` as the head size (`s`). The
/// offsets `β` are there with [Architecture#queryKeyBias]. How scores become weights, and the log-n
/// scale that GAU-α is trained with (`log-n:base=512,minimum=0.4444…`, that is `max(n, 16)`), are
/// in the plan.
///
/// Sources: W. Hua et al. 2022, "Transformer quality in linear time"; J. Su, kexue.fm 8934, 9052.
final class GatedAttentionUnit {

  static final String INPUT = "gau.input_proj";
  private static final String OUTPUT = "gau.output_proj";
  private static final String QUERY = "gau.query";
  private static final String KEY = "gau.key";
  private static final String OFFSET = ".offset";
  static final String QUERY_OFFSET = QUERY + OFFSET;
  static final String KEY_OFFSET = KEY + OFFSET;

  private GatedAttentionUnit() {}

  static List<WeightTensor> tensors(ModelSpec spec) {
    long hidden = spec.hiddenSize();
    long inner = spec.feedForwardSize();
    long size = spec.shape().headSize();
    List<WeightTensor> all = new ArrayList<>();
    all.add(WeightTensor.of(INPUT + ".weight", WeightRole.GATED_UNIT, 2 * inner + size, hidden));
    for (String name : List.of(QUERY, KEY)) {
      all.add(WeightTensor.of(name + ".scale", WeightRole.GAIN, size));
      if (spec.architecture().queryKeyBias()) {
        all.add(WeightTensor.of(name + OFFSET, WeightRole.BIAS, size));
      }
    }
    all.add(WeightTensor.of(OUTPUT + ".weight", WeightRole.GATED_UNIT, hidden, inner));
    return all;
  }

  static TokenMixing start(ModelSpec spec, NamedWeights.Part weights, Tensor input) {
    long inner = spec.feedForwardSize();
    Tensor all = torch.silu(weights.projection(INPUT).apply(input)); // [batch, tokens, 2e + s]
    Tensor gate = all.narrow(-1, 0, inner);
    Tensor values = all.narrow(-1, inner, inner);
    Tensor shared = all.narrow(-1, 2 * inner, spec.shape().headSize());
    return new TokenMixing(
        new DecoderOperations.Projections(
            head(weights, QUERY, shared), head(weights, KEY, shared), values.unsqueeze(2)),
        attended -> weights.projection(OUTPUT).apply(gate.mul(attended.squeeze(2))));
  }

  // [batch, tokens, s] → [batch, tokens, 1, s]
  private static Tensor head(NamedWeights.Part weights, String name, Tensor shared) {
    Tensor scaled = shared.mul(weights.tensor(name + ".scale"));
    Tensor offset = weights.find(name + OFFSET);
    Tensor whole = offset == null ? scaled : scaled.add(offset);
    return whole.to(shared.scalar_type()).unsqueeze(2);
  }
}
