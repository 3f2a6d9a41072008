package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// GPT-J: attention and feed-forward block side by side behind one norm, rotation of the first
/// channels of each head in neighbouring pairs, and a head with a bias. llama.cpp has the name of
/// this architecture, and nothing that computes it.
final class GptJFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 2048;
  private static final int ROTARY_SIZE = 64;

  private static final NameMap NAMES =
      NameMap.of(
              NameRow.of("transformer.wte", Slot.EMBEDDING),
              NameRow.of("transformer.ln_f", Slot.LAST_NORM),
              NameRow.of("lm_head", Slot.HEAD),
              NameRow.of("transformer.h.%l.ln_1", Slot.MIXER_NORM),
              NameRow.of("transformer.h.%l.attn.q_proj", Slot.QUERY),
              NameRow.of("transformer.h.%l.attn.k_proj", Slot.KEY),
              NameRow.of("transformer.h.%l.attn.v_proj", Slot.VALUE),
              NameRow.of("transformer.h.%l.attn.out_proj", Slot.ATTENTION_OUTPUT),
              NameRow.of("transformer.h.%l.mlp.fc_in", Slot.UP),
              NameRow.of("transformer.h.%l.mlp.fc_out", Slot.DOWN))
          .optionalPrefix("transformer.")
          // Older files hold masks and sines beside the weights.
          .ignoring(".*\\.attn\\.(bias|masked_bias|embed_positions)");

  @Override
  public String name() {
    return "gptj";
  }

  @Override
  public boolean scalesRotation(String method) {
    return false;
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
                "gptj",
                "GPTJForCausalLM",
                KeyTable.GPT2.with(Field.ROTARY_SIZE, "rotary_dim"),
                NAMES)
            .withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    int inner = header.innerOr(4);
    double share = Math.min(1, (double) ROTARY_SIZE / heads.size());
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads),
            new FeedForward.Plain(inner, header.activation(Activation.GELU_TANH), true),
            Residual.parallelShared(norm));
    RopeDeclaration rope = header.rope(heads, new RopeDeclaration.Defaults(10_000, share, LENGTH));
    return header
        .model(name(), heads, rope, norm, layer)
        .withHead(new Head(header.isTied(false), true, 1, 0));
  }
}
