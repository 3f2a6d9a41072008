package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.LayerRule;
import java.util.List;

/// EXAONE 4: norms after the branches only and on each head. With a window on three of four layers,
/// those alone rotate; without one, all do.
final class Exaone4Family implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 2048;
  private static final long WINDOW = 4096;
  private static final int PATTERN = 4;

  /// Layers of the one model whose GGUF files have a window, as in llama.cpp.
  private static final int SLIDING_LAYERS = 64;

  @Override
  public String name() {
    return "exaone4";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA.without(Field.FEED_FORWARD_BIAS).with(Field.WINDOW, "sliding_window");
    NameMap names =
        Names.LLAMA_WITH_HEAD_NORMS.replacing(
            NameRow.of("model.layers.%l.post_attention_layernorm", Slot.MIXER_OUTPUT_NORM),
            NameRow.of(
                "model.layers.%l.post_feedforward_layernorm", Slot.FEED_FORWARD_OUTPUT_NORM));
    return List.of(
        FileFormat.huggingFace("exaone4", "Exaone4ForCausalLM", keys, names),
        FileFormat.gguf("exaone4", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD)),
            header.gated(header.size(Field.INNER)),
            Residual.afterBranches(norm));
    ModelSpec spec =
        header.model(
            name(),
            heads,
            header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
            norm,
            layer);
    boolean slides =
        header.hasWindow() && (!header.isGguf() || spec.layers().size() == SLIDING_LAYERS);
    if (!slides) {
      return spec;
    }
    LayerRule local = LayerRule.Local.window(header.tokens(Field.WINDOW, WINDOW));
    return LayerRules.of(
        spec,
        header.sliding(index -> (index + 1) % pattern(header) != 0),
        local,
        new LayerRule.Unrotated());
  }

  private static int pattern(Header header) {
    return header.settings().sizeOr("sliding_window_pattern", PATTERN);
  }
}
