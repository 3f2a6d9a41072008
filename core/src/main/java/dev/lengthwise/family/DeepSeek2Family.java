package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.FeedForward.Router.Scoring;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// DeepSeek-V2: latent attention, some plain layers first, then experts beside shared ones. YaRN's
/// magnitude is on the scores, not on the rotation. GGUF files of V3 have its name, too.
final class DeepSeek2Family implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 2048;
  private static final double SLOPE = 0.1; // of YaRN's temperature
  private static final int SIGMOID = 2; // as GGUF numbers it
  private static final String TOP = "topk_method";
  private static final String GROUPED = "group_limited_greedy";

  /// Keys of V2 and V3.
  static final KeyTable KEYS =
      KeyTable.LLAMA_WITH_SHARED_EXPERTS
          .without(Field.HEAD_SIZE)
          .with(Field.ROTARY_SIZE, "qk_rope_head_dim")
          .with(Field.QUERY_RANK, "q_lora_rank")
          .with(Field.KEY_RANK, "kv_lora_rank")
          .with(Field.STILL_SIZE, "qk_nope_head_dim")
          .with(Field.VALUE_SIZE, "v_head_dim");

  private static final KeyTable GGUF_KEYS =
      KeyTable.GGUF_WITH_SHARED_EXPERTS
          .with(Field.QUERY_RANK, "attention.q_lora_rank")
          .with(Field.KEY_RANK, "attention.kv_lora_rank")
          .with(Field.GROUPS, "expert_group_count", 1)
          .with(Field.ACTIVE_GROUPS, "expert_group_used_count", 1);

  /// Names of V2 and V3.
  static final NameMap NAMES =
      Names.LLAMA_WITH_SHARED_EXPERTS.with(
          NameRow.of("model.layers.%l.self_attn.q_a_proj", Slot.QUERY_DOWN),
          NameRow.of("model.layers.%l.self_attn.q_a_layernorm", Slot.QUERY_DOWN_NORM),
          NameRow.of("model.layers.%l.self_attn.q_b_proj", Slot.QUERY_UP),
          NameRow.of(
              "model.layers.%l.self_attn.kv_a_proj_with_mqa", Slot.KEY_DOWN, Slot.ROTARY_KEY),
          NameRow.of("model.layers.%l.self_attn.kv_a_layernorm", Slot.KEY_DOWN_NORM),
          NameRow.of("model.layers.%l.self_attn.kv_b_proj", Slot.KEY, Slot.VALUE)
              .arranged(Arrangement.BY_GROUP));

  // Older files hold keys and values joined.
  private static final NameMap GGUF_NAMES =
      Names.GGUF.with(
          NameRow.of("blk.%l.attn_q_b", Slot.QUERY_UP),
          NameRow.of("blk.%l.attn_kv_b", Slot.KEY, Slot.VALUE).arranged(Arrangement.BY_GROUP),
          NameRow.of("blk.%l.attn_k_b", Slot.KEY).arranged(Arrangement.TRANSPOSED_HEADS),
          NameRow.of("blk.%l.attn_v_b", Slot.VALUE).arranged(Arrangement.HEADS));

  /// GGUF files of V2 and V3.
  static final FileFormat GGUF =
      FileFormat.gguf("deepseek2", GGUF_NAMES).with(GGUF_KEYS).withInterleavedPairs();

  @Override
  public String name() {
    return "deepseek2";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("deepseek_v2", "DeepseekV2ForCausalLM", KEYS, NAMES)
            .withInterleavedPairs(),
        GGUF);
  }

  @Override
  public ModelSpec spec(Header header) {
    boolean sigmoid = header.number(Field.EXPERT_GATING, 1) == SIGMOID;
    int plain = header.countOr(Field.PLAIN_LAYERS, 0);
    int groups = isGrouped(header) ? header.sizeOr(Field.GROUPS, 1) : 1;
    // llama.cpp knows the groups of V3 only.
    return model(
        name(),
        header,
        new FeedForward.Router(
            sigmoid ? Scoring.SIGMOID : Scoring.SOFTMAX,
            header.flag(Field.RENORMALISED, false),
            header.positive(Field.EXPERT_SCALE).orElse(1.0),
            false,
            header.hasTensor("blk." + plain + ".exp_probs_b.bias"),
            groups,
            isGrouped(header) ? header.sizeOr(Field.ACTIVE_GROUPS, 1) : 1,
            header.isGguf() ? Experts.bestOfGroup(groups) : 1,
            false));
  }

  private static boolean isGrouped(Header header) {
    Settings settings = header.settings();
    return switch (settings.text(TOP).orElse(header.isGguf() ? GROUPED : "greedy")) {
      case "greedy" -> false;
      case GROUPED -> true;
      default -> throw settings.bad(TOP, "\"greedy\" or \"" + GROUPED + "\"");
    };
  }

  /// A DeepSeek whose experts are chosen so.
  static ModelSpec model(String name, Header header, FeedForward.Router router) {
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    int count = header.size(Field.HEADS);
    int turning = header.size(Field.ROTARY_SIZE);
    int still = stillSize(header, turning);
    Header.Heads heads = new Header.Heads(count, count, turning + still);
    Mixer mixer =
        new Mixer.LatentAttention(
            count,
            header.has(Field.QUERY_RANK) ? header.size(Field.QUERY_RANK) : 0,
            header.size(Field.KEY_RANK),
            still,
            turning,
            valueSize(header),
            header.flag(Field.ATTENTION_BIAS, false),
            header.isGguf() ? norm : Norm.rms(EPSILON)); // their code does not look at the header
    int plain = header.countOr(Field.PLAIN_LAYERS, 0);
    int shared = header.countOr(Field.SHARED_EXPERTS, 0);
    FeedForward experts = Experts.withShared(header, router, shared);
    return header.model(
        name,
        heads,
        rope(header, heads),
        Optional.empty(),
        norm,
        layer ->
            new LayerSpec(
                mixer,
                layer < plain ? header.gated(header.size(Field.INNER)) : experts,
                Residual.before(norm)));
  }

  private static String key(String part) {
    return "deepseek2." + part;
  }

  // Newer GGUF files call the sizes of the small vectors those of heads.
  private static int stillSize(Header header, int turning) {
    if (!header.isGguf()) {
      return header.size(Field.STILL_SIZE);
    }
    String newer = key("attention.key_length_mla");
    boolean split = header.settings().has(newer);
    int whole = split ? header.settings().size(newer) : header.size(Field.HEAD_SIZE);
    String expected = "more than the channels that turn, " + turning;
    if (whole <= turning) {
      throw split ? header.settings().bad(newer, expected) : header.bad(Field.HEAD_SIZE, expected);
    }
    return whole - turning;
  }

  private static int valueSize(Header header) {
    String newer = key("attention.value_length_mla");
    return header.isGguf() && header.settings().has(newer)
        ? header.settings().size(newer)
        : header.size(Field.VALUE_SIZE);
  }

  // YaRN here multiplies whole scores; GGUF files leave its magnitude to them alone.
  private static RopeDeclaration rope(Header header, Header.Heads heads) {
    RopeDeclaration rope = header.rope(heads, RopeDeclaration.Defaults.length(LENGTH));
    double magnitude = magnitude(header);
    if (!rope.method().name().equals("yarn")) {
      if (magnitude != 1) {
        Settings settings = header.settings();
        throw (header.isGguf() ? settings : RopeDeclaration.block(settings).orElseThrow())
            .bad(slopeKey(header), "0 or no such key without the scaling yarn");
      }
      return rope;
    }
    MethodTerm yarn = rope.method().with("scores", magnitude);
    if (!header.isGguf()) {
      return rope.with(yarn);
    }
    if (yarn.has("attention")) {
      throw header.settings().bad(key("rope.scaling.attn_factor"), "1, the only value supported");
    }
    return rope.with(yarn.with("attention", 1L));
  }

  private static String slopeKey(Header header) {
    return header.isGguf() ? key("rope.scaling.yarn_log_multiplier") : "mscale_all_dim";
  }

  // What whole scores are multiplied by, beside the root of the head size: (1 + slope · ln
  // factor)².
  private static double magnitude(Header header) {
    double factor;
    double slope;
    if (header.isGguf()) {
      factor = header.settings().number(key("rope.scaling.factor"), 1);
      slope = header.settings().number(slopeKey(header), 0);
    } else {
      Optional<Settings> block = RopeDeclaration.block(header.settings());
      factor = block.map(scaling -> scaling.number("factor", 1)).orElse(1.0);
      slope = SLOPE * block.map(scaling -> scaling.number(slopeKey(header), 0)).orElse(0.0);
    }
    double magnitude = factor <= 1 ? 1 : 1 + slope * Math.log(factor);
    return magnitude * magnitude;
  }
}
