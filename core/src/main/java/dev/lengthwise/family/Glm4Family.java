package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// GLM-4: norms around both branches, joined gates, rotation of a part of each head in neighbouring
/// pairs.
final class Glm4Family implements Family {

  private static final double EPSILON = 1.5625e-7;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(10_000, 0.5, 131_072);

  @Override
  public String name() {
    return "glm4";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.ROTARY_SHARE, "partial_rotary_factor");
    NameMap names =
        Names.LLAMA.replacing(
            NameRow.of("model.layers.%l.post_self_attn_layernorm", Slot.MIXER_OUTPUT_NORM),
            NameRow.of("model.layers.%l.post_mlp_layernorm", Slot.FEED_FORWARD_OUTPUT_NORM),
            NameRow.of("model.layers.%l.mlp.gate_up_proj", Slot.GATE, Slot.UP));
    NameMap gguf = Names.GGUF.replacing(NameRow.of("blk.%l.ffn_up", Slot.GATE, Slot.UP));
    return List.of(
        FileFormat.huggingFace("glm4", "Glm4ForCausalLM", keys, names).withInterleavedPairs(),
        FileFormat.gguf("glm4", gguf).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    boolean biased = header.flagOrTensor(Field.ATTENTION_BIAS, "blk.0.attn_q.bias", true);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biased ? Mixer.Biases.INPUTS : Mixer.Biases.NONE),
            header.gated(header.size(Field.INNER)),
            Residual.around(norm));
    return header.model(name(), heads, header.rope(heads, ROPE), norm, layer);
  }
}
