package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// Seed-OSS: Llama with a bias on queries, keys and values, and perhaps one on outputs.
final class SeedOssFamily implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 524_288;

  @Override
  public String name() {
    return "seed-oss";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys = KeyTable.LLAMA.with(Field.OUTPUT_BIAS, "attention_out_bias", false);
    NameMap gguf =
        Names.GGUF.replacing(NameRow.of("blk.%l.post_attention_norm", Slot.FEED_FORWARD_NORM));
    return List.of(
        FileFormat.huggingFace("seed_oss", "SeedOssForCausalLM", keys, Names.LLAMA),
        FileFormat.gguf("seed_oss", gguf));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biases(header)),
            header
                .gated(header.size(Field.INNER))
                .biased(header.flag(Field.FEED_FORWARD_BIAS, false)),
            Residual.before(norm));
    return header.model(
        name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer);
  }

  private static Mixer.Biases biases(Header header) {
    boolean inputs = header.flagOrTensor(Field.ATTENTION_BIAS, "blk.0.attn_q.bias", true);
    return new Mixer.Biases(inputs, inputs, inputs, header.flag(Field.OUTPUT_BIAS, false));
  }
}
