package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// Qwen2 and Qwen2.5: Llama with a bias on queries, keys and values.
final class Qwen2Family implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 32_768;
  private static final long WINDOW = 4096;

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
    header.requireActivation(Activation.SILU);
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(Mixer.Biases.INPUTS),
            FeedForward.Gated.silu(header.size(Field.INNER)),
            Residual.before(norm));
    return header.model(
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        window(header),
        norm,
        _ -> layer);
  }

  /// The window of a Qwen: it slides only in the layers from `max_window_layers` on, and only
  /// where it is switched on.
  static Optional<MethodTerm> window(Header header) {
    if (header.isGguf() || !header.settings().flag("use_sliding_window", false)) {
      return Optional.empty();
    }
    int layers = header.size(Field.LAYERS);
    double plain = header.settings().number("max_window_layers", layers);
    if (plain >= layers) {
      return Optional.empty();
    }
    if (plain > 0) {
      throw header.settings().bad("max_window_layers", "0 or at least the number of layers");
    }
    return Optional.of(LlamaFamily.windowOf(header.tokens(Field.WINDOW, WINDOW)));
  }
}
