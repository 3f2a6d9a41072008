package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;
import java.util.function.IntFunction;

/// Qwen3-MoE: Qwen3 with a mixture of experts. Some layers may be plain.
final class Qwen3MoeFamily implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 32_768;

  @Override
  public String name() {
    return "qwen3-moe";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
            "qwen3_moe", "Qwen3MoeForCausalLM", Qwen2MoeFamily.KEYS, Names.LLAMA_WITH_EXPERTS),
        FileFormat.gguf("qwen3moe", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    Mixer.Attention attention =
        header
            .attention(heads)
            .with(LlamaFamily.biases(header))
            .with(new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD));
    // llama.cpp has no key for it, and always divides.
    boolean renormalised = header.isGguf() || header.flag(Field.RENORMALISED, false);
    FeedForward experts =
        Experts.of(
            header,
            header.gated(header.size(Field.EXPERT_INNER)),
            FeedForward.Router.softmax(renormalised));
    IntFunction<FeedForward> feedForward = Qwen2MoeFamily.feedForward(header, experts);
    return Qwen2Family.model(
        header,
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        norm,
        layer -> new LayerSpec(attention, feedForward.apply(layer), Residual.before(norm)));
  }
}
