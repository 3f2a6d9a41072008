package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/// Qwen2-MoE and Qwen1.5-MoE: Qwen2 with a mixture of experts whose weights need not add up to 1,
/// beside a gated expert that all tokens share. Some layers may be plain.
final class Qwen2MoeFamily implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 32_768;
  private static final String PLAIN_LAYERS = "mlp_only_layers";

  /// Keys of both mixtures among the Qwens.
  static final KeyTable KEYS =
      KeyTable.LLAMA
          .without(Field.FEED_FORWARD_BIAS)
          .with(Field.EXPERTS, "num_experts")
          .alsoReading(Field.EXPERTS, "num_local_experts")
          .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
          .with(Field.EXPERT_INNER, "moe_intermediate_size")
          .with(Field.RENORMALISED, "norm_topk_prob")
          .with(Field.PLAIN_LAYER_LIST, PLAIN_LAYERS, List.of())
          .with(Field.WINDOW, "sliding_window");

  @Override
  public String name() {
    return "qwen2-moe";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
            "qwen2_moe",
            "Qwen2MoeForCausalLM",
            KEYS.with(Field.SHARED_INNER, "shared_expert_intermediate_size")
                .with(Field.ATTENTION_BIAS, "qkv_bias", true),
            Names.LLAMA_WITH_EXPERTS),
        FileFormat.gguf("qwen2moe", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    boolean biased = header.flagOrTensor(Field.ATTENTION_BIAS, "blk.0.attn_q.bias", true);
    Mixer.Attention attention =
        header.attention(heads).with(biased ? Mixer.Biases.INPUTS : Mixer.Biases.NONE);
    IntFunction<FeedForward> feedForward = feedForward(header, experts(header));
    return Qwen2Family.model(
        header,
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        norm,
        layer -> new LayerSpec(attention, feedForward.apply(layer), Residual.before(norm)));
  }

  private static FeedForward experts(Header header) {
    return Experts.of(
        header,
        header.gated(header.size(Field.EXPERT_INNER)),
        FeedForward.Router.softmax(header.flag(Field.RENORMALISED, false)),
        header.gated(header.size(Field.SHARED_INNER)),
        true);
  }

  /// What each layer has: every layer of a GGUF file has experts.
  static IntFunction<FeedForward> feedForward(Header header, FeedForward experts) {
    if (header.isGguf()) {
      return _ -> experts;
    }
    Set<Integer> plain = Experts.layers(header.settings(), PLAIN_LAYERS, header.size(Field.LAYERS));
    int step = header.settings().sizeOr("decoder_sparse_step", 1);
    return layer ->
        (layer + 1) % step == 0 && !plain.contains(layer)
            ? experts
            : header.gated(header.size(Field.INNER));
  }
}
