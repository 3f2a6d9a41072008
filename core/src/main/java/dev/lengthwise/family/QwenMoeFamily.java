package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The mixtures of experts among the Qwens: Qwen2-MoE has a gated expert that all tokens share, and
/// weights that do not add up to 1; Qwen3-MoE norms each head. Some layers may be plain.
final class QwenMoeFamily implements Family {

  @Override
  public String name() {
    return "qwen-moe";
  }

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 32_768;

  private static final KeyTable KEYS =
      KeyTable.LLAMA
          .without(Field.FEED_FORWARD_BIAS)
          .with(Field.EXPERTS, "num_experts")
          .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
          .with(Field.EXPERT_INNER, "moe_intermediate_size")
          .with(Field.SHARED_INNER, "shared_expert_intermediate_size")
          .with(Field.RENORMALISED, "norm_topk_prob");

  private static final NameMap NAMES =
      Names.LLAMA_WITH_HEAD_NORMS.with(
          NameRow.of("model.layers.%l.mlp.gate", Slot.ROUTER),
          NameRow.of("model.layers.%l.mlp.experts.%e.gate_proj", Slot.EXPERT_GATE),
          NameRow.of("model.layers.%l.mlp.experts.%e.up_proj", Slot.EXPERT_UP),
          NameRow.of("model.layers.%l.mlp.experts.%e.down_proj", Slot.EXPERT_DOWN),
          NameRow.of("model.layers.%l.mlp.shared_expert.gate_proj", Slot.SHARED_GATE),
          NameRow.of("model.layers.%l.mlp.shared_expert.up_proj", Slot.SHARED_UP),
          NameRow.of("model.layers.%l.mlp.shared_expert.down_proj", Slot.SHARED_DOWN),
          NameRow.of("model.layers.%l.mlp.shared_expert_gate", Slot.SHARED_ROUTER));

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("qwen2_moe", "Qwen2MoeForCausalLM", KEYS, NAMES),
        FileFormat.huggingFace("qwen3_moe", "Qwen3MoeForCausalLM", KEYS, NAMES),
        FileFormat.gguf("qwen2moe", Names.GGUF),
        FileFormat.gguf("qwen3moe", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    header.requireActivation(Activation.SILU);
    boolean second = header.type().startsWith("qwen2");
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    Mixer.Attention attention =
        second
            ? header.attention(heads).with(Mixer.Biases.INPUTS)
            : header
                .attention(heads)
                .with(LlamaFamily.biases(header))
                .with(new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD));
    FeedForward experts = experts(header, second);
    List<Integer> plain = plainLayers(header);
    int step = header.isGguf() ? 1 : (int) header.settings().number("decoder_sparse_step", 1);
    return header.model(
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        Optional.empty(),
        norm,
        layer ->
            new LayerSpec(
                attention,
                (layer + 1) % step == 0 && !plain.contains(layer)
                    ? experts
                    : FeedForward.Gated.silu(header.size(Field.INNER)),
                Residual.before(norm)));
  }

  private static FeedForward experts(Header header, boolean second) {
    boolean renormalised = !header.isGguf() && header.flag(Field.RENORMALISED, false);
    FeedForward.@Nullable Gated shared =
        second ? FeedForward.Gated.silu(header.size(Field.SHARED_INNER)) : null;
    return new FeedForward.Experts(
        header.size(Field.EXPERTS),
        header.size(Field.ACTIVE_EXPERTS),
        FeedForward.Gated.silu(header.size(Field.EXPERT_INNER)),
        FeedForward.Router.softmax(header.isGguf() ? !second : renormalised),
        shared,
        second);
  }

  private static List<Integer> plainLayers(Header header) {
    List<Integer> plain = new ArrayList<>();
    header.settings().values().path("mlp_only_layers").forEach(layer -> plain.add(layer.asInt()));
    return plain;
  }
}
