package dev.lengthwise.model;

import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Attention of several heads, with one projection each for queries, keys, values and outputs.
final class MultiHeadAttention {

  static final String QUERY = "self_attn.q_proj";
  static final String KEY = "self_attn.k_proj";
  private static final String VALUE = "self_attn.v_proj";
  private static final String OUTPUT = "self_attn.o_proj";

  private MultiHeadAttention() {}

  static List<WeightTensor> tensors(ModelSpec spec) {
    ModelShape shape = spec.shape();
    long hidden = spec.hiddenSize();
    long queries = (long) shape.heads() * shape.headSize();
    long keys = (long) shape.keyValueHeads() * shape.headSize();
    List<WeightTensor> all = new ArrayList<>();
    all.addAll(rotated(spec, QUERY, queries));
    all.addAll(rotated(spec, KEY, keys));
    all.add(WeightTensor.of(VALUE + ".weight", WeightRole.VALUE, keys, hidden));
    all.add(WeightTensor.of(OUTPUT + ".weight", WeightRole.ATTENTION_OUTPUT, hidden, queries));
    return all;
  }

  private static List<WeightTensor> rotated(ModelSpec spec, String name, long outputs) {
    WeightTensor weight =
        WeightTensor.of(name + ".weight", WeightRole.MATRIX, outputs, spec.hiddenSize());
    return spec.architecture().queryKeyBias()
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
