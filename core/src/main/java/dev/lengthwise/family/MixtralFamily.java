package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// Mixtral as Hugging Face files: Llama with a mixture of experts. GGUF files of it have Llama's
/// name.
final class MixtralFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 131_072;

  @Override
  public String name() {
    return "mixtral";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .with(Field.EXPERTS, "num_local_experts")
            .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
            .with(Field.WINDOW, "sliding_window");
    NameMap names =
        Names.LLAMA.with(
            NameRow.of("model.layers.%l.block_sparse_moe.gate", Slot.ROUTER),
            NameRow.of("model.layers.%l.block_sparse_moe.experts.%e.w1", Slot.EXPERT_GATE),
            NameRow.of("model.layers.%l.block_sparse_moe.experts.%e.w3", Slot.EXPERT_UP),
            NameRow.of("model.layers.%l.block_sparse_moe.experts.%e.w2", Slot.EXPERT_DOWN));
    return List.of(
        FileFormat.huggingFace("mixtral", "MixtralForCausalLM", keys, names),
        FileFormat.gguf("llama", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads),
            Experts.of(
                header, header.gated(header.size(Field.INNER)), FeedForward.Router.softmax(true)),
            Residual.before(norm));
    Optional<MethodTerm> window = header.window().map(LlamaFamily::windowOf);
    return header.model(
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        window,
        norm,
        _ -> layer);
  }
}
