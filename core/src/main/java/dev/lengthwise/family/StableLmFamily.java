package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// StableLM: layer norms and rotary positions on a part of each head; the 12B model has both
/// branches behind one norm, and a norm of its own for each head of queries and keys.
final class StableLmFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(10_000, 0.25, 4096);

  @Override
  public String name() {
    return "stablelm";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.HEAD_SIZE)
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.ROTARY_SHARE, "partial_rotary_factor")
            .alsoReading(Field.ROTARY_SHARE, "rope_pct")
            .with(Field.EPSILON, "layer_norm_eps")
            .alsoReading(Field.EPSILON, "norm_eps")
            .with(Field.ATTENTION_BIAS, "use_qkv_bias")
            .with(Field.HEAD_NORM, "qk_layernorm")
            .with(Field.PARALLEL, "use_parallel_residual");
    NameMap names =
        Names.LLAMA.with(
            NameRow.of("model.layers.%l.self_attn.q_layernorm.norms.%h", Slot.QUERY_NORM),
            NameRow.of("model.layers.%l.self_attn.k_layernorm.norms.%h", Slot.KEY_NORM));
    return List.of(
        FileFormat.huggingFace("stablelm", "StableLmForCausalLM", keys, names)
            .alsoReading("stablelm_epoch"),
        FileFormat.gguf("stablelm", Names.GGUF).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    boolean parallel =
        header.isGguf()
            ? !header.hasTensor("blk.0.ffn_norm.weight")
            : header.flag(Field.PARALLEL, false);
    boolean normed = header.flagOrTensor(Field.HEAD_NORM, "blk.0.attn_q_norm.weight", false);
    boolean biased = header.flagOrTensor(Field.ATTENTION_BIAS, "blk.0.attn_q.bias", false);
    Mixer.HeadNorm headNorm =
        new Mixer.HeadNorm(norm.with(true, false), Mixer.HeadNorm.Extent.EACH_HEAD);
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(biased ? Mixer.Biases.INPUTS : Mixer.Biases.NONE)
                .with(normed ? headNorm : Mixer.HeadNorm.NONE),
            header.gated(header.size(Field.INNER)),
            parallel ? Residual.parallelShared(norm) : Residual.before(norm));
    return header.model(name(), heads, header.rope(heads, ROPE), norm, layer);
  }
}
