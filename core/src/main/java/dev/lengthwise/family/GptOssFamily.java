package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.matrix.Gating;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.ScoreScale;
import java.util.List;

/// GPT-OSS: biases everywhere, a trained sink for each head, clamped experts, and a window on every
/// second layer. Hugging Face's files hold the experts in bf16, as `[inputs, outputs]`, or in four
/// bits ([MicroscaledRows]).
final class GptOssFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 131_072;
  private static final long WINDOW = 128;
  private static final double LIMIT = 7;
  private static final long ORIGINAL = 4096;
  private static final MethodTerm YARN =
      new MethodTerm("yarn")
          .with("factor", 32.0)
          .with("original", ORIGINAL)
          .with("low", 1.0)
          .with("high", 32.0)
          .with("truncate", false);

  private static final String BIAS = "_bias";

  private static final NameMap NAMES =
      Names.LLAMA.with(
          NameRow.of("model.layers.%l.self_attn.sinks", Slot.SINKS).suffixed("", ""),
          NameRow.of("model.layers.%l.mlp.router", Slot.ROUTER),
          experts("gate_up_proj", Slot.EXPERT_GATE, Slot.EXPERT_UP)
              .arranged(Arrangement.EXPERTS_IN_TURN)
              .asTransposed()
              .suffixed("", BIAS),
          experts("gate_up_proj", Slot.EXPERT_GATE, Slot.EXPERT_UP)
              .arranged(Arrangement.EXPERTS_IN_TURN)
              .suffixed(MicroscaledRows.NIBBLES, BIAS),
          experts("down_proj", Slot.EXPERT_DOWN)
              .arranged(Arrangement.EXPERTS)
              .asTransposed()
              .suffixed("", BIAS),
          experts("down_proj", Slot.EXPERT_DOWN)
              .arranged(Arrangement.EXPERTS)
              .suffixed(MicroscaledRows.NIBBLES, BIAS));

  private static NameRow experts(String name, Slot... slots) {
    return NameRow.of("model.layers.%l.mlp.experts." + name, slots);
  }

  @Override
  public String name() {
    return "gpt-oss";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.FEED_FORWARD_BIAS)
            .without(Field.INNER)
            .with(Field.ACTIVATION, "hidden_act", Activation.SIGMOID_1702) // written as SiLU
            .with(Field.EXPERT_INNER, "intermediate_size")
            .with(Field.EXPERTS, "num_local_experts")
            .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
            .with(Field.WINDOW, "sliding_window");
    NameMap gguf =
        Names.GGUF.replacing(NameRow.of("blk.%l.post_attention_norm", Slot.FEED_FORWARD_NORM));
    return List.of(
        FileFormat.huggingFace("gpt_oss", "GptOssForCausalLM", keys, NAMES),
        FileFormat.gguf("gpt-oss", gguf));
  }

  @Override
  public ModelSpec spec(Header header) {
    header.requireActivation(Activation.SILU);
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    Gating gating = new Gating(Activation.SIGMOID_1702, LIMIT, 1);
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(Mixer.Biases.ALL)
                .with(new Mixer.Scores(ScoreScale.ONE, 0, true)),
            Experts.of(
                header,
                new FeedForward.Gated(header.size(Field.EXPERT_INNER), gating, true, true),
                FeedForward.Router.softmaxOfChosen()),
            Residual.before(norm));
    RopeDeclaration.Defaults usual = new RopeDeclaration.Defaults(150_000, 1, LENGTH);
    ModelSpec spec =
        header.model(name(), heads, rope(header, header.rope(heads, usual)), norm, layer);
    LayerRule local = LayerRule.Local.window(header.tokens(Field.WINDOW, WINDOW));
    return LayerRules.of(spec, header.sliding(2), local, new LayerRule.Global());
  }

  // Hugging Face's configuration class means its YaRN where a header has no scaling.
  private static RopeDeclaration rope(Header header, RopeDeclaration said) {
    if (header.isGguf() || RopeDeclaration.block(header.settings()).isPresent()) {
      return said;
    }
    return new RopeDeclaration(said.base(), said.rotarySize(), ORIGINAL, YARN);
  }
}
