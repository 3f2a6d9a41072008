package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architecture.Block;
import dev.lengthwise.model.Architecture.FeedForward;
import dev.lengthwise.model.Architecture.Norm;
import dev.lengthwise.model.Architecture.Placement;
import dev.lengthwise.model.GptNeoxTensors;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.NamedWeights;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.ModelShape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// GPT-NeoX (and Pythia) as Hugging Face files: LayerNorm, attention beside or before the
/// feed-forward block, biases, and rotary positions on a part of each head. They run in libtorch,
/// in f32.
public final class GptNeoxFamily implements Family {

  private static final double DEFAULT_EPSILON = 1e-5;
  private static final RopeDeclaration.Keys ROPE =
      new RopeDeclaration.Keys("rotary_emb_base", "rotary_pct", 0.25, 2048);

  @Override
  public String name() {
    return "gpt-neox";
  }

  @Override
  public boolean matches(Checkpoint checkpoint) {
    return checkpoint.format().equals("safetensors")
        && checkpoint.header().path("model_type").asText().equals("gpt_neox");
  }

  @Override
  public ModelSpec spec(Checkpoint checkpoint, MethodReader methods) {
    Settings config = Settings.of(checkpoint);
    config.requireText("hidden_act", "gelu");
    int hidden = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    if (hidden % heads != 0) {
      throw config.bad("num_attention_heads", "a divisor of hidden_size, " + hidden);
    }
    int headSize = hidden / heads;
    RopeDeclaration rope = RopeDeclaration.of(config, ROPE);
    ModelShape shape =
        config.shape(
            () ->
                new ModelShape(
                    config.sizeUpTo("num_hidden_layers", Settings.MOST_LAYERS),
                    heads,
                    heads,
                    headSize,
                    rope.rotarySize(headSize),
                    rope.base(),
                    rope.trainedLength()));
    return new ModelSpec(
        name(),
        config.size("vocab_size"),
        hidden,
        config.size("intermediate_size"),
        config.number("layer_norm_eps", DEFAULT_EPSILON),
        shape,
        DeclaredMethod.of(config, rope.method(), Optional.empty(), shape, methods),
        architecture(config));
  }

  private static Architecture architecture(Settings config) {
    boolean parallel = config.flag("use_parallel_residual", true);
    boolean biased = config.flag("attention_bias", true);
    return new Architecture(
        Norm.LAYER_NORM,
        parallel ? Placement.PARALLEL_TWO_NORMS : Placement.PRE,
        FeedForward.GELU_WITH_BIAS,
        false,
        List.of(biased ? Block.ATTENTION_WITH_BIAS : Block.ATTENTION));
  }

  @Override
  public NamedWeights weights(Checkpoint checkpoint, ModelSpec spec, WeightReader tensors) {
    tensors.requireLayers(spec.shape().layers());
    // Older files hold masks and frequencies beside the weights.
    tensors.ignore(".*\\.attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)");
    boolean tied = Settings.of(checkpoint).flag("tie_word_embeddings", false);
    if (tied) {
      tensors.ignore("embed_out\\.weight");
    }
    Map<String, Tensor> weights = GptNeoxTensors.separated(spec, tied, tensors::floats);
    weights.values().forEach(tensors::kept);
    return new NamedWeights(spec, weights);
  }
}
