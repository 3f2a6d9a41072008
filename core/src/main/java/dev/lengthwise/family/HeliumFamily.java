package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// Helium: Llama with rotary pairs as neighbours; outputs of attention never have a bias.
final class HeliumFamily implements Family {

  private static final double EPSILON = 1e-8;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(100_000, 1, 4096);

  @Override
  public String name() {
    return "helium";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("helium", "HeliumForCausalLM", KeyTable.LLAMA, Names.LLAMA)
            .withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    boolean biased = header.flag(Field.ATTENTION_BIAS, false);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biased ? Mixer.Biases.INPUTS : Mixer.Biases.NONE),
            header
                .gated(header.size(Field.INNER))
                .biased(header.flag(Field.FEED_FORWARD_BIAS, false)),
            Residual.before(norm));
    return header.model(name(), heads, header.rope(heads, ROPE), norm, layer);
  }
}
