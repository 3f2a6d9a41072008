package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// OLMoE: a mixture of experts whose queries and keys are normed as one vector each, and may be
/// clamped after that.
final class OlmoeFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 4096;

  @Override
  public String name() {
    return "olmoe";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.CLAMP, "clip_qkv")
            .with(Field.EXPERTS, "num_experts")
            .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
            .with(Field.RENORMALISED, "norm_topk_prob");
    return List.of(
        FileFormat.huggingFace("olmoe", "OlmoeForCausalLM", keys, Names.LLAMA_WITH_EXPERTS),
        FileFormat.gguf("olmoe", Names.GGUF));
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
                .with(new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.WHOLE))
                .with(clamp(header)),
            Experts.of(
                header,
                header.gated(header.size(Field.INNER)),
                FeedForward.Router.softmax(header.flag(Field.RENORMALISED, false))),
            Residual.before(norm));
    return header.model(
        name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer);
  }

  // llama.cpp does not clamp them, whatever a header says.
  private static Mixer.Clamp clamp(Header header) {
    return header.isGguf() ? Mixer.Clamp.NONE : header.clamp(true);
  }
}
