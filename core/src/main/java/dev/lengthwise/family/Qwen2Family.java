package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// Qwen2 and Qwen2.5: Llama with a bias on queries, keys and values.
final class Qwen2Family implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 32_768;
  private static final long WINDOW = 4096;
  private static final int PLAIN_LAYERS = 28;

  @Override
  public String name() {
    return "qwen2";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
            "qwen2",
            "Qwen2ForCausalLM",
            KeyTable.LLAMA.with(Field.WINDOW, "sliding_window"),
            Names.LLAMA),
        FileFormat.gguf("qwen2", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(Mixer.Biases.INPUTS),
            header.gated(header.size(Field.INNER)),
            Residual.before(norm));
    return model(
        header,
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        norm,
        _ -> layer);
  }

  /// A Qwen with its window. It is there only where it is switched on, and slides in the layers
  /// that `layer_types` says, or else in those from `max_window_layers` on.
  static ModelSpec model(
      Header header,
      String family,
      Header.Heads heads,
      RopeDeclaration rope,
      Norm lastNorm,
      IntFunction<LayerSpec> layers) {
    boolean on = !header.isGguf() && header.settings().flag("use_sliding_window", false);
    if (!on) {
      return header.model(family, heads, rope, Optional.empty(), lastNorm, layers);
    }
    double plain = header.settings().number("max_window_layers", PLAIN_LAYERS);
    List<Boolean> sliding = header.sliding(layer -> layer >= plain);
    return sliding(header, family, heads, rope, lastNorm, layers, sliding);
  }

  /// A model with a window on some layers, or on all.
  ///
  /// @param sliding whether a layer has it, where there is one
  static ModelSpec sliding(
      Header header,
      String family,
      Header.Heads heads,
      RopeDeclaration rope,
      Norm lastNorm,
      IntFunction<LayerSpec> layers,
      List<Boolean> sliding) {
    if (!header.hasWindow()) {
      return header.model(family, heads, rope, Optional.empty(), lastNorm, layers);
    }
    long window = header.tokens(Field.WINDOW, WINDOW);
    if (!sliding.contains(false)) {
      Optional<MethodTerm> everywhere = Optional.of(LlamaFamily.windowOf(window));
      return header.model(family, heads, rope, everywhere, lastNorm, layers);
    }
    ModelSpec spec = header.model(family, heads, rope, Optional.empty(), lastNorm, layers);
    return LayerRules.of(spec, sliding, LayerRule.Local.window(window), new LayerRule.Global());
  }
}
