package dev.lengthwise.family;

import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// ERNIE 4.5 without experts: Llama with rotary pairs as neighbours in the files of Hugging Face,
/// too, and biases of all projections or of none.
final class Ernie45Family implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(500_000, 1, 131_072);

  @Override
  public String name() {
    return "ernie4.5";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA.without(Field.ATTENTION_BIAS).with(Field.FEED_FORWARD_BIAS, "use_bias");
    return List.of(
        FileFormat.huggingFace("ernie4_5", "Ernie4_5ForCausalLM", keys, Names.LLAMA)
            .withInterleavedPairs(),
        FileFormat.gguf("ernie4_5", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    boolean biased = header.flag(Field.FEED_FORWARD_BIAS, false);
    Mixer.Biases hub = biased ? Mixer.Biases.ALL : Mixer.Biases.NONE;
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(header.isGguf() ? LlamaFamily.biases(header) : hub),
            header.gated(header.size(Field.INNER)).biased(biased),
            Residual.before(norm));
    return header
        .model(name(), heads, header.rope(heads, ROPE), norm, layer)
        .withHead(Head.plain(header.isTied(true)));
  }
}
