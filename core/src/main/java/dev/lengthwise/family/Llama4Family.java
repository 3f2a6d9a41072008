package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.ScoreScale;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Llama 4 (text): most layers see chunks of some thousand tokens, rotate, and have normed queries
/// and keys. The others see everything, do not rotate, and have a temperature that grows with the
/// text. Experts read what the router has weighed.
final class Llama4Family implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(500_000, 1, 131_072);
  private static final long CHUNK = 8192;
  private static final int INTERVAL = 4;
  private static final double SLOPE = 0.1;
  private static final String TURNING = "no_rope_layers"; // 1 where a layer has a rotary
  private static final String TUNING = "attn_temperature_tuning"; // older files have a number
  private static final String EXPERTS = "moe_layers";
  private static final String STEP = "interleave_moe_layer_step";

  private static final NameMap NAMES =
      Names.LLAMA.with(
          NameRow.of("model.layers.%l.feed_forward.gate_proj", Slot.GATE),
          NameRow.of("model.layers.%l.feed_forward.up_proj", Slot.UP),
          NameRow.of("model.layers.%l.feed_forward.down_proj", Slot.DOWN),
          NameRow.of("model.layers.%l.feed_forward.router", Slot.ROUTER),
          NameRow.of(
                  "model.layers.%l.feed_forward.experts.gate_up_proj",
                  Slot.EXPERT_GATE, Slot.EXPERT_UP)
              .arranged(Arrangement.EXPERTS)
              .asTransposed()
              .suffixed("", ""),
          NameRow.of("model.layers.%l.feed_forward.experts.down_proj", Slot.EXPERT_DOWN)
              .arranged(Arrangement.EXPERTS)
              .asTransposed()
              .suffixed("", ""),
          NameRow.of("model.layers.%l.feed_forward.shared_expert.gate_proj", Slot.SHARED_GATE),
          NameRow.of("model.layers.%l.feed_forward.shared_expert.up_proj", Slot.SHARED_UP),
          NameRow.of("model.layers.%l.feed_forward.shared_expert.down_proj", Slot.SHARED_DOWN));

  @Override
  public String name() {
    return "llama4";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.INNER, "intermediate_size_mlp")
            .with(Field.EXPERT_INNER, "intermediate_size")
            .with(Field.EXPERTS, "num_local_experts")
            .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
            .with(Field.EXPERT_STEP, STEP);
    return List.of(
        FileFormat.huggingFace("llama4_text", "Llama4ForCausalLM", keys, NAMES)
            .withInterleavedPairs(),
        FileFormat.gguf("llama4", Names.GGUF)
            .with(KeyTable.GGUF.with(Field.EXPERT_STEP, STEP))
            .withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    Mixer.Attention plain = header.attention(heads).with(LlamaFamily.biases(header));
    Mixer.Attention turning =
        header.settings().flag("use_qk_norm", true) ? normed(plain, norm) : plain;
    Mixer.Attention global = plain.with(new Mixer.Scores(temperature(header), 0, false));
    int layers = header.size(Field.LAYERS);
    List<Boolean> turns = turns(header, layers);
    Settings settings = header.settings();
    Optional<Set<Integer>> listed =
        settings.has(EXPERTS)
            ? Optional.of(Experts.layers(settings, EXPERTS, layers))
            : Optional.empty();
    int step = header.sizeOr(Field.EXPERT_STEP, 1);
    FeedForward experts = experts(header);
    ModelSpec spec =
        header.model(
            name(),
            heads,
            header.rope(heads, ROPE),
            Optional.empty(),
            norm,
            layer -> {
              boolean mixture =
                  listed.map(own -> own.contains(layer)).orElse((layer + 1) % step == 0);
              return new LayerSpec(
                  turns.get(layer) ? turning : global,
                  mixture ? experts : header.gated(header.size(Field.INNER)),
                  Residual.before(norm));
            });
    LayerRule local = LayerRule.Local.chunks(settings.tokens("attention_chunk_size", CHUNK));
    return LayerRules.of(spec, turns, local, new LayerRule.Unrotated());
  }

  private static Mixer.Attention normed(Mixer.Attention plain, Norm norm) {
    return plain.with(new Mixer.HeadNorm(norm.with(false, false), Mixer.HeadNorm.Extent.HEAD));
  }

  // 1 + slope · ln(1 + ⌊(i + 1) / every⌋)
  private static ScoreScale temperature(Header header) {
    Settings settings = header.settings();
    boolean on = !settings.has(TUNING) || settings.values().path(TUNING).asBoolean();
    return on
        ? new ScoreScale.LengthSteps(
            1, settings.number("attn_scale", SLOPE), 1, settings.tokens("floor_scale", CHUNK))
        : ScoreScale.ONE;
  }

  private static List<Boolean> turns(Header header, int layers) {
    return header
        .perLayer(TURNING, layers)
        .map(list -> list.stream().map(own -> own.asInt() != 0).toList())
        .orElseGet(
            () ->
                IntStream.range(0, layers).mapToObj(layer -> (layer + 1) % INTERVAL != 0).toList());
  }

  private static FeedForward experts(Header header) {
    FeedForward.Gated gated = header.gated(header.size(Field.EXPERT_INNER));
    return Experts.of(header, gated, FeedForward.Router.sigmoidOnInput(), gated, false);
  }
}
