package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;
import java.util.Optional;

/// DeepSeek-V2 and V3: latent attention, some plain layers first, then experts in groups beside a
/// shared one. YaRN's magnitude is on the scores, not on the rotation.
final class DeepSeek2Family implements Family {

  @Override
  public String name() {
    return "deepseek2";
  }

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 2048;
  private static final double SLOPE = 0.1;
  private static final int SIGMOID = 2;

  private static final KeyTable KEYS =
      KeyTable.LLAMA
          .without(Field.FEED_FORWARD_BIAS)
          .without(Field.HEAD_SIZE)
          .with(Field.ROTARY_SIZE, "qk_rope_head_dim")
          .with(Field.QUERY_RANK, "q_lora_rank")
          .with(Field.KEY_RANK, "kv_lora_rank")
          .with(Field.STILL_SIZE, "qk_nope_head_dim")
          .with(Field.VALUE_SIZE, "v_head_dim")
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
          .with(Field.QUERY_RANK, "attention.q_lora_rank")
          .with(Field.KEY_RANK, "attention.kv_lora_rank")
          .with(Field.SHARED_EXPERTS, "expert_shared_count")
          .with(Field.PLAIN_LAYERS, "leading_dense_block_count")
          .with(Field.EXPERT_SCALE, "expert_weights_scale")
          .with(Field.GROUPS, "expert_group_count")
          .with(Field.ACTIVE_GROUPS, "expert_group_used_count");

  private static final NameMap NAMES =
      Names.LLAMA.with(
          NameRow.of("model.layers.%l.self_attn.q_b_proj", Slot.QUERY),
          NameRow.of("model.layers.%l.self_attn.q_a_proj", Slot.QUERY_DOWN),
          NameRow.of("model.layers.%l.self_attn.q_a_layernorm", Slot.QUERY_DOWN_NORM),
          NameRow.of(
              "model.layers.%l.self_attn.kv_a_proj_with_mqa", Slot.KEY_DOWN, Slot.ROTARY_KEY),
          NameRow.of("model.layers.%l.self_attn.kv_a_layernorm", Slot.KEY_DOWN_NORM),
          NameRow.of("model.layers.%l.self_attn.kv_b_proj", Slot.KEY, Slot.VALUE)
              .arranged(Arrangement.BY_GROUP),
          NameRow.of("model.layers.%l.mlp.gate", Slot.ROUTER),
          NameRow.of("model.layers.%l.mlp.gate.e_score_correction_bias", Slot.ROUTER_CORRECTION)
              .suffixed("", ""),
          NameRow.of("model.layers.%l.mlp.experts.%e.gate_proj", Slot.EXPERT_GATE),
          NameRow.of("model.layers.%l.mlp.experts.%e.up_proj", Slot.EXPERT_UP),
          NameRow.of("model.layers.%l.mlp.experts.%e.down_proj", Slot.EXPERT_DOWN),
          NameRow.of("model.layers.%l.mlp.shared_experts.gate_proj", Slot.SHARED_GATE),
          NameRow.of("model.layers.%l.mlp.shared_experts.up_proj", Slot.SHARED_UP),
          NameRow.of("model.layers.%l.mlp.shared_experts.down_proj", Slot.SHARED_DOWN));

  private static final NameMap GGUF_NAMES =
      Names.GGUF.with(
          NameRow.of("blk.%l.attn_q_b", Slot.QUERY),
          NameRow.of("blk.%l.attn_kv_b", Slot.KEY, Slot.VALUE).arranged(Arrangement.BY_GROUP),
          NameRow.of("blk.%l.attn_k_b", Slot.KEY).arranged(Arrangement.TRANSPOSED_HEADS),
          NameRow.of("blk.%l.attn_v_b", Slot.VALUE).arranged(Arrangement.HEADS));

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("deepseek_v2", "DeepseekV2ForCausalLM", KEYS, NAMES)
            .withInterleavedPairs(),
        FileFormat.huggingFace("deepseek_v3", "DeepseekV3ForCausalLM", KEYS, NAMES)
            .withInterleavedPairs(),
        FileFormat.gguf("deepseek2", GGUF_NAMES).with(GGUF_KEYS).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    header.requireActivation(Activation.SILU);
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    int queries = header.size(Field.HEADS);
    int turning = header.size(Field.ROTARY_SIZE);
    int still = stillSize(header, turning);
    Header.Heads heads = new Header.Heads(queries, queries, turning + still);
    RopeDeclaration rope = rope(header, heads);
    Mixer mixer =
        new Mixer.LatentAttention(
            queries,
            header.positive(Field.QUERY_RANK).orElse(0.0).intValue(),
            header.size(Field.KEY_RANK),
            still,
            turning,
            valueSize(header),
            norm,
            Mixer.Scores.scaled(magnitude(header)));
    int plain = (int) header.number(Field.PLAIN_LAYERS, 0);
    return header.model(
        name(),
        heads,
        rope,
        Optional.empty(),
        norm,
        layer ->
            new LayerSpec(
                mixer,
                layer < plain
                    ? FeedForward.Gated.silu(header.size(Field.INNER))
                    : experts(header, layer),
                Residual.before(norm)));
  }

  // Newer GGUF files call the sizes of the small vectors those of heads.
  private static int stillSize(Header header, int turning) {
    if (!header.isGguf()) {
      return header.size(Field.STILL_SIZE);
    }
    String newer = "deepseek2.attention.key_length_mla";
    int whole = header.settings().sizeOr(newer, header.size(Field.HEAD_SIZE));
    if (whole <= turning) {
      throw header.settings().bad(newer, "more than the channels that turn, " + turning);
    }
    return whole - turning;
  }

  private static int valueSize(Header header) {
    return header.isGguf()
        ? header
            .settings()
            .sizeOr("deepseek2.attention.value_length_mla", header.size(Field.VALUE_SIZE))
        : header.size(Field.VALUE_SIZE);
  }

  private static RopeDeclaration rope(Header header, Header.Heads heads) {
    RopeDeclaration rope = header.rope(heads, RopeDeclaration.Defaults.length(LENGTH));
    boolean bare = header.isGguf() && rope.method().startsWith("yarn");
    return bare
        ? new RopeDeclaration(
            rope.base(), rope.rotarySize(), rope.trainedLength(), rope.method() + ",attention=1")
        : rope;
  }

  // What scores are multiplied by, beside the root of the head size.
  private static double magnitude(Header header) {
    double factor;
    double slope;
    if (header.isGguf()) {
      factor = header.settings().number("deepseek2.rope.scaling.factor", 1);
      slope = header.settings().number("deepseek2.rope.scaling.yarn_log_multiplier", 0);
    } else {
      Optional<Settings> block = RopeDeclaration.block(header.settings());
      factor = block.map(scaling -> scaling.number("factor", 1)).orElse(1.0);
      slope = SLOPE * block.map(scaling -> scaling.number("mscale_all_dim", 0)).orElse(0.0);
    }
    double magnitude = factor <= 1 ? 1 : 1 + slope * Math.log(factor);
    return magnitude * magnitude;
  }

  private static FeedForward experts(Header header, int layer) {
    int inner = header.size(Field.EXPERT_INNER);
    int shared = (int) header.number(Field.SHARED_EXPERTS, 0);
    return new FeedForward.Experts(
        header.size(Field.EXPERTS),
        header.size(Field.ACTIVE_EXPERTS),
        FeedForward.Gated.silu(inner),
        router(header, layer),
        shared > 0 ? FeedForward.Gated.silu(shared * inner) : null,
        false);
  }

  private static FeedForward.Router router(Header header, int layer) {
    boolean third = header.type().equals("deepseek_v3");
    boolean sigmoid =
        header.isGguf()
            ? header.settings().number("deepseek2.expert_gating_func", 1) == SIGMOID
            : third;
    boolean corrected =
        header.isGguf() ? header.hasTensor("blk." + layer + ".exp_probs_b.bias") : third;
    return new FeedForward.Router(
        sigmoid ? FeedForward.Router.Scoring.SIGMOID : FeedForward.Router.Scoring.SOFTMAX,
        header.flag(Field.RENORMALISED, false),
        header.number(Field.EXPERT_SCALE, 1),
        false,
        corrected,
        (int) header.number(Field.GROUPS, 1),
        (int) header.number(Field.ACTIVE_GROUPS, 1),
        false);
  }
}
