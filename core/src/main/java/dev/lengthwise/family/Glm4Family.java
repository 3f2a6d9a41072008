package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;
import java.util.Optional;

/// GLM and GLM-4: joined gates, rotation of a part of each head in neighbouring pairs, in the newer
/// one norms around both branches.
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
        Names.LLAMA.replacing(NameRow.of("model.layers.%l.mlp.gate_up_proj", Slot.GATE, Slot.UP));
    NameMap names4 =
        names.with(
            NameRow.of("model.layers.%l.post_self_attn_layernorm", Slot.MIXER_OUTPUT_NORM),
            NameRow.of("model.layers.%l.post_mlp_layernorm", Slot.FEED_FORWARD_OUTPUT_NORM));
    NameMap gguf = Names.GGUF.replacing(NameRow.of("blk.%l.ffn_up", Slot.GATE, Slot.UP));
    return List.of(
        FileFormat.huggingFace("glm4", "Glm4ForCausalLM", keys, names4).withInterleavedPairs(),
        FileFormat.huggingFace("glm", "GlmForCausalLM", keys, names).withInterleavedPairs(),
        FileFormat.gguf("glm4", gguf).withInterleavedPairs(),
        FileFormat.gguf(
                "chatglm",
                gguf.with(NameRow.of("blk.%l.attn_qkv", Slot.QUERY, Slot.KEY, Slot.VALUE)))
            .withInterleavedPairs());
  }

  // The two architectures of llama.cpp differ in the norms, as those of Hugging Face do.
  @Override
  public Optional<FileFormat> formatIn(Container container, ModelSpec spec) {
    boolean around = spec.layers().getFirst().residual().mixerOutput().exists();
    return formats().stream()
        .filter(own -> own.container() == container)
        .filter(own -> own.types().contains("glm4") == around)
        .findFirst();
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    boolean biased =
        header.isGguf()
            ? header.hasTensor("blk.0.attn_q.bias") || header.hasTensor("blk.0.attn_qkv.bias")
            : header.flag(Field.ATTENTION_BIAS, true);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biased ? Mixer.Biases.INPUTS : Mixer.Biases.NONE),
            header.gated(header.size(Field.INNER)),
            header.type().equals("glm4") ? Residual.around(norm) : Residual.before(norm));
    return header.model(name(), heads, header.rope(heads, ROPE), norm, layer);
  }
}
