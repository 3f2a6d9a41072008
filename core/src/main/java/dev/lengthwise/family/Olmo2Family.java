package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.LayerRule;
import java.util.List;

/// OLMo 2 and 3: norms after the branches only, and of all queries and all keys as one vector. OLMo
/// 3 has a window on three of four layers, which turn without the scaling of the others.
final class Olmo2Family implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE = RopeDeclaration.Defaults.length(2048);
  private static final RopeDeclaration.Defaults ROPE_OF_3 =
      new RopeDeclaration.Defaults(500_000, 1, 2048);
  private static final long WINDOW = 4096;
  private static final int PATTERN = 4;

  private static final KeyTable KEYS =
      KeyTable.LLAMA.without(Field.FEED_FORWARD_BIAS).with(Field.WINDOW, "sliding_window");

  private static final NameMap NAMES =
      Names.LLAMA_WITH_HEAD_NORMS.replacing(
          NameRow.of("model.layers.%l.post_attention_layernorm", Slot.MIXER_OUTPUT_NORM),
          NameRow.of("model.layers.%l.post_feedforward_layernorm", Slot.FEED_FORWARD_OUTPUT_NORM));

  @Override
  public String name() {
    return "olmo2";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("olmo2", "Olmo2ForCausalLM", KEYS, NAMES),
        FileFormat.huggingFace("olmo3", "Olmo3ForCausalLM", KEYS, NAMES),
        FileFormat.gguf("olmo2", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(LlamaFamily.biases(header))
                .with(new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.WHOLE)),
            header.gated(header.size(Field.INNER)),
            Residual.afterBranches(norm));
    RopeDeclaration rope = header.rope(heads, header.type().equals("olmo3") ? ROPE_OF_3 : ROPE);
    ModelSpec spec = header.model(name(), heads, rope, norm, layer);
    boolean second = header.type().equals("olmo2") && !header.isGguf();
    if (second || !header.hasWindow()) {
      return spec;
    }
    double base = RopeDeclaration.slidingBase(header.settings()).orElse(rope.base());
    LayerRule local =
        LayerRule.Local.window(header.tokens(Field.WINDOW, WINDOW)).withPlainRotary(base);
    return LayerRules.of(spec, header.sliding(PATTERN), local, new LayerRule.Global());
  }
}
