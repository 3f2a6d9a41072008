package dev.lengthwise.model;

import java.util.ArrayList;
import java.util.List;

/// The names, shapes and roles of all tensors of a decoder, in the order in which everything about
/// them is stored. What Hugging Face's Llama has is called as there.
public final class DecoderTensors {

  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String EMBEDDING_NORM = "model.embed_norm";
  static final String LAST_NORM = "model.norm";
  static final String MIXER_NORM = "input_layernorm";
  static final String FEED_FORWARD_NORM = "post_attention_layernorm";
  static final String UP = "mlp.up_proj";
  static final String DOWN = "mlp.down_proj";

  /// The name of a head that is not the embedding.
  public static final String HEAD = "lm_head.weight";

  private DecoderTensors() {}

  /// The tensors of a decoder.
  ///
  /// @param tied whether the embedding is the head as well
  public static List<WeightTensor> of(ModelSpec spec, boolean tied) {
    long vocabulary = spec.vocabularySize();
    long hidden = spec.hiddenSize();
    boolean post = spec.architecture().placement() == Architecture.Placement.POST;
    List<WeightTensor> all = new ArrayList<>();
    all.add(WeightTensor.of(EMBEDDING, WeightRole.EMBEDDING, vocabulary, hidden));
    if (post) {
      all.addAll(norm(spec, EMBEDDING_NORM));
    }
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      all.addAll(WeightTensor.in(prefix(layer), layer(spec, layer)));
    }
    if (!post) {
      all.addAll(norm(spec, LAST_NORM));
    }
    if (!tied) {
      all.add(WeightTensor.of(HEAD, WeightRole.MATRIX, vocabulary, hidden));
    }
    return all;
  }

  /// What the names of the tensors of `layer` begin with.
  static String prefix(int layer) {
    return "model.layers." + layer + ".";
  }

  private static List<WeightTensor> layer(ModelSpec spec, int layer) {
    Architecture.Block block = spec.architecture().block(layer);
    List<WeightTensor> all = new ArrayList<>(norm(spec, MIXER_NORM));
    all.addAll(
        switch (block) {
          case ATTENTION -> MultiHeadAttention.tensors(spec, false);
          case ATTENTION_WITH_BIAS -> MultiHeadAttention.tensors(spec, true);
          case GAU, GAU_SQUARED_RELU -> GatedAttentionUnit.tensors(spec);
          case LRU -> LinearRecurrentUnit.tensors(spec);
        });
    if (!block.isGated()) {
      if (spec.architecture().placement() != Architecture.Placement.PARALLEL) {
        all.addAll(norm(spec, FEED_FORWARD_NORM));
      }
      all.addAll(feedForward(spec));
    }
    return all;
  }

  private static List<WeightTensor> norm(ModelSpec spec, String name) {
    WeightTensor gain = WeightTensor.of(name + ".weight", WeightRole.GAIN, spec.hiddenSize());
    return switch (spec.architecture().norm()) {
      case RMS -> List.of(gain);
      case RMS_WITHOUT_GAIN -> List.of();
      case LAYER_NORM ->
          List.of(gain, WeightTensor.of(name + ".bias", WeightRole.BIAS, spec.hiddenSize()));
    };
  }

  private static List<WeightTensor> feedForward(ModelSpec spec) {
    long hidden = spec.hiddenSize();
    long inner = spec.feedForwardSize();
    WeightTensor up = WeightTensor.of(UP + ".weight", WeightRole.GATED, inner, hidden);
    WeightTensor down =
        WeightTensor.of(DOWN + ".weight", WeightRole.FEED_FORWARD_OUTPUT, hidden, inner);
    return switch (spec.architecture().feedForward()) {
      case SWIGLU ->
          List.of(
              WeightTensor.of("mlp.gate_proj.weight", WeightRole.GATED, inner, hidden), up, down);
      case GELU -> List.of(up, down);
      case GELU_WITH_BIAS ->
          List.of(
              up,
              WeightTensor.of(UP + ".bias", WeightRole.BIAS, inner),
              down,
              WeightTensor.of(DOWN + ".bias", WeightRole.BIAS, hidden));
    };
  }
}
