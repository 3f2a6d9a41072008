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
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.ScoreScale;
import java.util.List;
import java.util.Optional;

/// Llama 4 (text): three of four layers see chunks of 8,192 tokens, rotate and have normed queries
/// and keys; the fourth sees everything, does not rotate, and has a temperature that grows with the
/// text. Experts read what the router has weighed.
final class Llama4Family implements Family {

  @Override
  public String name() {
    return "llama4";
  }

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 262_144;
  private static final long CHUNK = 8192;
  private static final int INTERVAL = 4;
  private static final double SLOPE = 0.1;
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
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.INNER, "intermediate_size_mlp")
            .with(Field.EXPERT_INNER, "intermediate_size")
            .with(Field.EXPERTS, "num_local_experts")
            .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok");
    return List.of(
        FileFormat.huggingFace("llama4_text", "Llama4ForCausalLM", keys, NAMES)
            .withInterleavedPairs(),
        FileFormat.gguf("llama4", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    header.requireActivation(Activation.SILU);
    Header.Heads heads = header.heads();
    double epsilon = header.number(Field.EPSILON, EPSILON);
    Norm norm = Norm.rms(epsilon);
    Mixer.Attention plain = header.attention(heads);
    Mixer.Attention turning =
        plain.with(new Mixer.HeadNorm(norm.with(false, false), Mixer.HeadNorm.Extent.HEAD));
    Mixer.Attention global =
        plain.with(new Mixer.Scores(new ScoreScale.LengthSteps(1, SLOPE, 1, CHUNK), 0, false));
    int step = (int) header.settings().number(header.isGguf() ? "llama4." + STEP : STEP, 1);
    ModelSpec spec =
        header.model(
            name(),
            heads,
            header.rope(heads, new RopeDeclaration.Defaults(500_000, 1, LENGTH)),
            Optional.empty(),
            norm,
            layer ->
                new LayerSpec(
                    isGlobal(layer) ? global : turning,
                    (layer + 1) % step == 0
                        ? experts(header)
                        : FeedForward.Gated.silu(header.size(Field.INNER)),
                    Residual.before(norm)));
    return LayerRules.of(
        spec, layer -> isGlobal(layer) ? new LayerRule.Unrotated() : LayerRule.Local.chunks(CHUNK));
  }

  private static boolean isGlobal(int layer) {
    return (layer + 1) % INTERVAL == 0;
  }

  private static FeedForward experts(Header header) {
    FeedForward.Gated gated = FeedForward.Gated.silu(header.size(Field.EXPERT_INNER));
    return new FeedForward.Experts(
        header.size(Field.EXPERTS),
        header.size(Field.ACTIVE_EXPERTS),
        gated,
        new FeedForward.Router(
            FeedForward.Router.Scoring.SIGMOID, false, 1, false, false, 1, 1, true),
        gated,
        false);
  }
}
