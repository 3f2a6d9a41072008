package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// OLMoE: a mixture of experts whose queries and keys are normed as one vector each.
final class OlmoeFamily implements Family {

  @Override
  public String name() {
    return "olmoe";
  }

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 4096;

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.CLAMP, "clip_qkv")
            .with(Field.EXPERTS, "num_experts")
            .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
            .with(Field.RENORMALISED, "norm_topk_prob");
    NameMap names =
        Names.LLAMA_WITH_HEAD_NORMS.with(
            NameRow.of("model.layers.%l.mlp.gate", Slot.ROUTER),
            NameRow.of("model.layers.%l.mlp.experts.%e.gate_proj", Slot.EXPERT_GATE),
            NameRow.of("model.layers.%l.mlp.experts.%e.up_proj", Slot.EXPERT_UP),
            NameRow.of("model.layers.%l.mlp.experts.%e.down_proj", Slot.EXPERT_DOWN));
    return List.of(
        FileFormat.huggingFace("olmoe", "OlmoeForCausalLM", keys, names),
        FileFormat.gguf("olmoe", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    header.requireActivation(Activation.SILU);
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    boolean renormalised = !header.isGguf() && header.flag(Field.RENORMALISED, false);
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(LlamaFamily.biases(header))
                .with(new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.WHOLE))
                .clamped(header.positive(Field.CLAMP).orElse(0.0)),
            new FeedForward.Experts(
                header.size(Field.EXPERTS),
                header.size(Field.ACTIVE_EXPERTS),
                FeedForward.Gated.silu(header.size(Field.INNER)),
                FeedForward.Router.softmax(renormalised),
                null,
                false),
            Residual.before(norm));
    return header.model(
        name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer);
  }
}
