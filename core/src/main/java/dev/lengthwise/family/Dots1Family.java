package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// dots.llm1: DeepSeek-V3's experts behind the attention of Qwen3, with its window.
final class Dots1Family implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 2048;
  private static final int PLAIN_LAYERS = 62; // without a window

  @Override
  public String name() {
    return "dots1";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
            "dots1",
            "Dots1ForCausalLM",
            KeyTable.LLAMA_WITH_SHARED_EXPERTS.with(Field.WINDOW, "sliding_window"),
            Names.LLAMA_WITH_SHARED_EXPERTS));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    Mixer attention =
        header
            .attention(heads)
            .with(LlamaFamily.biases(header))
            .with(new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD));
    FeedForward experts = Glm4MoeFamily.experts(header, false);
    int plain = header.countOr(Field.PLAIN_LAYERS, 0);
    double first = header.settings().number("max_window_layers", PLAIN_LAYERS);
    return Qwen2Family.sliding(
        header,
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        norm,
        layer ->
            new LayerSpec(
                attention,
                layer < plain ? header.gated(header.size(Field.INNER)) : experts,
                Residual.before(norm)),
        header.sliding(layer -> layer >= first));
  }
}
