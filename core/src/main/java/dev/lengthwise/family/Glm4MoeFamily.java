package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.FeedForward.Router.Scoring;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;
import java.util.Optional;

/// GLM-4.5 and 4.6: DeepSeek-V3's experts behind plain attention, whose heads turn in part and may
/// be normed. Layers that predict further tokens are left out ([NextTokenLayers]).
final class Glm4MoeFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final int SIGMOID = 2; // as GGUF numbers it
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(10_000, 0.5, 131_072);

  /// Keys of Llama with the experts of DeepSeek-V3.
  static final KeyTable EXPERT_KEYS =
      KeyTable.LLAMA
          .without(Field.FEED_FORWARD_BIAS)
          .with(Field.EXPERTS, "n_routed_experts")
          .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
          .with(Field.EXPERT_INNER, "moe_intermediate_size")
          .with(Field.SHARED_EXPERTS, "n_shared_experts")
          .with(Field.PLAIN_LAYERS, "first_k_dense_replace")
          .with(Field.EXPERT_SCALE, "routed_scaling_factor")
          .with(Field.GROUPS, "n_group")
          .with(Field.ACTIVE_GROUPS, "topk_group")
          .with(Field.RENORMALISED, "norm_topk_prob");

  private static final KeyTable GGUF_KEYS =
      KeyTable.GGUF
          .with(Field.SHARED_EXPERTS, "expert_shared_count")
          .with(Field.PLAIN_LAYERS, "leading_dense_block_count")
          .with(Field.EXPERT_SCALE, "expert_weights_scale")
          .with(Field.EXPERT_GATING, "expert_gating_func")
          .with(Field.NEXT_TOKEN_LAYERS, "nextn_predict_layers");

  @Override
  public String name() {
    return "glm4-moe";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        EXPERT_KEYS
            .with(Field.ROTARY_SHARE, "partial_rotary_factor")
            .with(Field.HEAD_NORM, "use_qk_norm")
            .with(Field.NEXT_TOKEN_LAYERS, "num_nextn_predict_layers");
    NameMap gguf =
        Names.GGUF.replacing(NameRow.of("blk.%l.post_attention_norm", Slot.FEED_FORWARD_NORM));
    return List.of(
        FileFormat.huggingFace(
            "glm4_moe", "Glm4MoeForCausalLM", keys, Names.LLAMA_WITH_SHARED_EXPERTS),
        FileFormat.gguf("glm4moe", gguf).with(GGUF_KEYS));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    boolean biased = header.flagOrTensor(Field.ATTENTION_BIAS, "blk.0.attn_q.bias", false);
    boolean normed = header.flagOrTensor(Field.HEAD_NORM, "blk.0.attn_q_norm.weight", false);
    Mixer attention =
        header
            .attention(heads)
            .with(biased ? Mixer.Biases.INPUTS : Mixer.Biases.NONE)
            .with(
                normed
                    ? new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD)
                    : Mixer.HeadNorm.NONE);
    if (header.isGguf() && header.number(Field.EXPERT_GATING, SIGMOID) != SIGMOID) {
      throw header.bad(Field.EXPERT_GATING, "2, a sigmoid, the only one supported");
    }
    FeedForward experts = experts(header, !header.isGguf());
    double plain = header.number(Field.PLAIN_LAYERS, header.isGguf() ? 0 : 1);
    return header.model(
        name(),
        heads,
        header.rope(heads, ROPE),
        Optional.empty(),
        norm,
        layer ->
            new LayerSpec(
                attention,
                layer < plain ? header.gated(header.size(Field.INNER)) : experts,
                Residual.before(norm)));
  }

  /// The experts of DeepSeek-V3.
  ///
  /// @param renormalised what a header means that does not say whether weights add up to 1
  static FeedForward experts(Header header, boolean renormalised) {
    int groups = header.sizeOr(Field.GROUPS, 1);
    FeedForward.Router router =
        new FeedForward.Router(
            Scoring.SIGMOID,
            header.flag(Field.RENORMALISED, renormalised),
            header.number(Field.EXPERT_SCALE, 1),
            false,
            true,
            groups,
            header.sizeOr(Field.ACTIVE_GROUPS, 1),
            DeepSeek2Family.bestOfGroup(groups),
            false);
    int inner = header.size(Field.EXPERT_INNER);
    int shared = header.sizeOr(Field.SHARED_EXPERTS, 1);
    return Experts.of(header, header.gated(inner), router, header.gated(shared * inner), false);
  }
}
