package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// Nemotron: layer norms whose gains Hugging Face's files hold as `gain − 1`, a squared relu
/// without gate, and rotary positions on a part of each head.
final class NemotronFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(10_000, 0.5, 4096);

  @Override
  public String name() {
    return "nemotron";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .with(Field.ROTARY_SHARE, "partial_rotary_factor")
            .alsoReading(Field.ROTARY_SHARE, "rope_percent")
            .with(Field.EPSILON, "norm_eps");
    NameMap names = Names.LLAMA.plusOne(Slot.MIXER_NORM, Slot.FEED_FORWARD_NORM, Slot.LAST_NORM);
    return List.of(
        FileFormat.huggingFace("nemotron", "NemotronForCausalLM", keys, names),
        FileFormat.gguf("nemotron", Names.GGUF).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    Activation activation = header.activation(Activation.RELU_SQUARED);
    boolean biased =
        header.isGguf()
            ? header.hasTensor("blk.0.ffn_up.bias")
            : header.flag(Field.FEED_FORWARD_BIAS, false);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(LlamaFamily.biases(header)),
            new FeedForward.Plain(header.size(Field.INNER), activation, biased),
            Residual.before(norm));
    return header.model(name(), heads, header.rope(heads, ROPE), norm, layer);
  }
}
