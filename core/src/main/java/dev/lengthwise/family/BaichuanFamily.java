package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.Linear;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Baichuan and Baichuan2 as Hugging Face files: Llama with one fused projection `W_pack` for
/// queries, keys and values.
///
/// The 7B models have rotary positions, the 13B models ALiBi. Their headers differ in one place: a
/// rotary model has `max_position_embeddings`, an ALiBi model only `model_max_length`. The head of
/// Baichuan2, known by its vocabulary of 125,696 tokens, has its rows brought to length 1.
public final class BaichuanFamily implements Family {

  private static final int NORMALISED_VOCABULARY = 125_696;
  private static final double SMALLEST_LENGTH = 1e-12;
  private static final double DEFAULT_EPSILON = 1e-6;
  private static final String ROTARY_LENGTH = "max_position_embeddings";

  @Override
  public String name() {
    return "baichuan";
  }

  @Override
  public boolean matches(Checkpoint checkpoint) {
    return checkpoint.format().equals("safetensors")
        && checkpoint.header().path("model_type").asText().equals("baichuan");
  }

  @Override
  public ModelSpec spec(Checkpoint checkpoint, MethodReader methods) {
    Settings config = Settings.of(checkpoint);
    config.requireText("hidden_act", "silu");
    int hidden = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    int headSize = Math.max(1, hidden / heads);
    boolean rotary = config.has(ROTARY_LENGTH);
    long alibiLength = rotary ? 0 : config.tokens("model_max_length");
    RopeDeclaration rope = RopeDeclaration.of(config, Math.max(1, alibiLength));
    ModelShape shape =
        config.shape(
            () ->
                new ModelShape(
                    config.sizeUpTo("num_hidden_layers", Settings.MOST_LAYERS),
                    heads,
                    heads,
                    headSize,
                    rotary ? headSize : 0,
                    rope.base(),
                    rope.trainedLength()));
    return new ModelSpec(
        name(),
        config.size("vocab_size"),
        hidden,
        config.size("intermediate_size"),
        config.number("rms_norm_eps", DEFAULT_EPSILON),
        shape,
        DeclaredMethod.of(
            config, rotary ? rope.method() : "alibi", Optional.empty(), shape, methods));
  }

  @Override
  public DecoderWeights weights(Checkpoint checkpoint, ModelSpec spec, WeightReader tensors) {
    tensors.requireLayers(spec.shape().layers());
    tensors.ignore(".*\\.rotary_emb\\.inv_freq");
    int hidden = spec.hiddenSize();
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      layers.add(layer("model.layers." + layer + ".", spec, tensors));
    }
    return new DecoderWeights(
        tensors.linear("model.embed_tokens.weight", spec.vocabularySize(), hidden),
        layers,
        tensors.vector("model.norm.weight", hidden),
        head(spec, tensors));
  }

  private static Linear head(ModelSpec spec, WeightReader tensors) {
    String name = "lm_head.weight";
    return spec.vocabularySize() == NORMALISED_VOCABULARY
        ? new Linear.Stored(
            tensors.matrix(
                normalised(tensors.floats(name, spec.vocabularySize(), spec.hiddenSize()))))
        : tensors.linear(name, spec.vocabularySize(), spec.hiddenSize());
  }

  private static DecoderWeights.Layer layer(String prefix, ModelSpec spec, WeightReader tensors) {
    int hidden = spec.hiddenSize();
    int inner = spec.feedForwardSize();
    WeightMatrix fused = tensors.matrix(prefix + "self_attn.W_pack.weight", 3 * hidden, hidden);
    return new DecoderWeights.Layer(
        tensors.vector(prefix + "input_layernorm.weight", hidden),
        part(fused, 0, hidden),
        part(fused, 1, hidden),
        part(fused, 2, hidden),
        tensors.linear(prefix + "self_attn.o_proj.weight", hidden, hidden),
        tensors.vector(prefix + "post_attention_layernorm.weight", hidden),
        tensors.linear(prefix + "mlp.gate_proj.weight", inner, hidden),
        tensors.linear(prefix + "mlp.up_proj.weight", inner, hidden),
        tensors.linear(prefix + "mlp.down_proj.weight", hidden, inner));
  }

  private static Linear part(WeightMatrix fused, int index, int hidden) {
    return new Linear.Stored(fused.rows(index * hidden, hidden));
  }

  /// The rows of `head` divided by their Euclidean lengths, in f32.
  static Tensor normalised(Tensor head) {
    Tensor wide = head.to(torch.ScalarType.Float);
    Tensor lengths =
        wide.mul(wide)
            .sum(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional())
            .sqrt();
    return wide.div(lengths.clamp_min(new org.bytedeco.pytorch.Scalar(SMALLEST_LENGTH)));
  }
}
