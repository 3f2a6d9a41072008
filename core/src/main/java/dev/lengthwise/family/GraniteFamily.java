package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// Granite and Granite-MoE: Llama, or a mixture of experts, with factors on the embedding, the
/// branches, the scores and the logits.
final class GraniteFamily implements Family {

  @Override
  public String name() {
    return "granite";
  }

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 2048;

  private static final KeyTable KEYS =
      KeyTable.LLAMA
          .with(Field.EMBEDDING_SCALE, "embedding_multiplier")
          .with(Field.RESIDUAL_SCALE, "residual_multiplier")
          .with(Field.SCORE_SCALE, "attention_multiplier")
          .with(Field.LOGIT_DIVISOR, "logits_scaling");

  private static final KeyTable GGUF =
      KeyTable.GGUF
          .with(Field.EMBEDDING_SCALE, "embedding_scale")
          .with(Field.RESIDUAL_SCALE, "residual_scale")
          .with(Field.LOGIT_DIVISOR, "logit_scale");

  private static final NameMap EXPERTS =
      Names.LLAMA.with(
          NameRow.of("model.layers.%l.block_sparse_moe.router.layer", Slot.ROUTER),
          NameRow.of(
                  "model.layers.%l.block_sparse_moe.input_linear", Slot.EXPERT_GATE, Slot.EXPERT_UP)
              .arranged(Arrangement.EXPERTS),
          NameRow.of("model.layers.%l.block_sparse_moe.output_linear", Slot.EXPERT_DOWN)
              .arranged(Arrangement.EXPERTS));

  @Override
  public List<FileFormat> formats() {
    KeyTable experts =
        KEYS.with(Field.EXPERTS, "num_local_experts")
            .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok");
    return List.of(
        FileFormat.huggingFace("granite", "GraniteForCausalLM", KEYS, Names.LLAMA),
        FileFormat.huggingFace("granitemoe", "GraniteMoeForCausalLM", experts, EXPERTS),
        FileFormat.gguf("granite", Names.GGUF).with(GGUF).withInterleavedPairs(),
        FileFormat.gguf("granitemoe", Names.GGUF).with(GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    header.requireActivation(Activation.SILU);
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    FeedForward.Gated gated = FeedForward.Gated.silu(header.size(Field.INNER));
    FeedForward feedForward =
        header.type().equals("granitemoe")
            ? new FeedForward.Experts(
                header.size(Field.EXPERTS),
                header.size(Field.ACTIVE_EXPERTS),
                gated,
                FeedForward.Router.softmax(true),
                null,
                false)
            : gated;
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(LlamaFamily.biases(header)).with(header.scoreScale(heads)),
            feedForward,
            Residual.before(norm).scaled(header.number(Field.RESIDUAL_SCALE, 1)));
    double logits = 1 / header.number(Field.LOGIT_DIVISOR, 1);
    return header
        .model(
            name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer)
        .withEmbedding(Embedding.scaled(header.number(Field.EMBEDDING_SCALE, 1)))
        .withHead(new Head(header.isTied(false), false, logits, 0));
  }
}
