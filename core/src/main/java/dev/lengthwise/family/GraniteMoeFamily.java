package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import java.util.List;

/// Granite-MoE: Granite with a mixture of experts, whose gates and inner channels Hugging Face's
/// files hold in one tensor.
final class GraniteMoeFamily implements Family {

  private static final NameMap NAMES =
      Names.LLAMA.with(
          NameRow.of("model.layers.%l.block_sparse_moe.router.layer", Slot.ROUTER),
          NameRow.of(
                  "model.layers.%l.block_sparse_moe.input_linear", Slot.EXPERT_GATE, Slot.EXPERT_UP)
              .arranged(Arrangement.EXPERTS),
          NameRow.of("model.layers.%l.block_sparse_moe.output_linear", Slot.EXPERT_DOWN)
              .arranged(Arrangement.EXPERTS));

  @Override
  public String name() {
    return "granite-moe";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        GraniteFamily.KEYS
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.EXPERTS, "num_local_experts")
            .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok");
    return List.of(
        FileFormat.huggingFace("granitemoe", "GraniteMoeForCausalLM", keys, NAMES),
        FileFormat.gguf("granitemoe", Names.GGUF).with(GraniteFamily.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    FeedForward experts =
        Experts.of(
            header, header.gated(header.size(Field.INNER)), FeedForward.Router.softmax(true));
    return GraniteFamily.model(name(), header, experts);
  }
}
