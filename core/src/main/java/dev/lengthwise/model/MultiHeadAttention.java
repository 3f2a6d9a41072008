package dev.lengthwise.model;

import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Attention of several heads, with one projection each for queries, keys, values and outputs.
final class MultiHeadAttention {

  static final String QUERY = "self_attn.q_proj";
  static final String KEY = "self_attn.k_proj";
  static final String VALUE = "self_attn.v_proj";
  static final String OUTPUT = "self_attn.o_proj";

  private MultiHeadAttention() {}

  /// Its tensors.
  ///
  /// @param biased whether every projection has a bias, not only those that the architecture names
  static List<WeightTensor> tensors(ModelSpec spec, boolean biased) {
    ModelShape shape = spec.shape();
    long hidden = spec.hiddenSize();
    long queries = (long) shape.heads() * shape.headSize();
    long keys = (long) shape.keyValueHeads() * shape.headSize();
    List<WeightTensor> all = new ArrayList<>();
    boolean rotated = biased || spec.architecture().queryKeyBias();
    all.addAll(projection(QUERY, WeightRole.MATRIX, queries, hidden, rotated));
    all.addAll(projection(KEY, WeightRole.MATRIX, keys, hidden, rotated));
    all.addAll(projection(VALUE, WeightRole.VALUE, keys, hidden, biased));
    all.addAll(projection(OUTPUT, WeightRole.ATTENTION_OUTPUT, hidden, queries, biased));
    return all;
  }

  private static List<WeightTensor> projection(
      String name, WeightRole role, long outputs, long inputs, boolean biased) {
    WeightTensor weight = WeightTensor.of(name + ".weight", role, outputs, inputs);
    return biased
        ? List.of(weight, WeightTensor.of(name + ".bias", WeightRole.BIAS, outputs))
        : List.of(weight);
  }

  static TokenMixing start(ModelSpec spec, NamedWeights.Part weights, Tensor input) {
    return new TokenMixing(
        new DecoderOperations.Projections(
            heads(spec, weights.projection(QUERY).apply(input)),
            heads(spec, weights.projection(KEY).apply(input)),
            heads(spec, weights.projection(VALUE).apply(input))),
        attended -> weights.projection(OUTPUT).apply(attended.flatten(2, 3)));
  }

  // [batch, tokens, heads · headSize] → [batch, tokens, heads, headSize]
  private static Tensor heads(ModelSpec spec, Tensor projected) {
    return projected.view(projected.size(0), projected.size(1), -1, spec.shape().headSize());
  }
}
