package dev.lengthwise.family;

import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.LayerRule;
import java.util.List;

/// Command-R and Cohere 2: both branches behind one layer norm without bias, neighbouring rotary
/// pairs, scaled logits. Cohere 2 has a window on three of four layers; the fourth sees everything
/// and does not rotate.
final class CohereFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(500_000, 1, 8192);
  private static final RopeDeclaration.Defaults ROPE_OF_2 = RopeDeclaration.Defaults.length(8192);
  private static final int PATTERN = 4;
  private static final double LOGIT_SCALE = 0.0625;

  private static final KeyTable KEYS =
      KeyTable.LLAMA
          .without(Field.FEED_FORWARD_BIAS)
          .with(Field.EPSILON, "layer_norm_eps")
          .with(Field.LOGIT_SCALE, "logit_scale")
          .with(Field.HEAD_NORM, "use_qk_norm")
          .with(Field.WINDOW, "sliding_window");

  private static final KeyTable GGUF =
      KeyTable.GGUF_LAYER_NORM.with(Field.LOGIT_SCALE, "logit_scale");

  @Override
  public String name() {
    return "cohere";
  }

  @Override
  public List<FileFormat> formats() {
    NameMap names = Names.LLAMA_WITH_HEAD_NORMS;
    return List.of(
        FileFormat.huggingFace("cohere", "CohereForCausalLM", KEYS, names).withInterleavedPairs(),
        FileFormat.huggingFace("cohere2", "Cohere2ForCausalLM", KEYS, names).withInterleavedPairs(),
        FileFormat.gguf("command-r", Names.GGUF).with(GGUF).withInterleavedPairs(),
        FileFormat.gguf("cohere2", Names.GGUF).with(GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON)).with(true, false);
    boolean normed = header.flagOrTensor(Field.HEAD_NORM, "blk.0.attn_q_norm.weight", false);
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(LlamaFamily.biases(header))
                .with(
                    normed
                        ? new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.EACH_HEAD)
                        : Mixer.HeadNorm.NONE),
            header.gated(header.size(Field.INNER)),
            Residual.parallelShared(norm));
    boolean second = header.type().equals("cohere2");
    double logits = header.number(Field.LOGIT_SCALE, LOGIT_SCALE);
    ModelSpec spec =
        header
            .model(name(), heads, header.rope(heads, second ? ROPE_OF_2 : ROPE), norm, layer)
            .withHead(new Head(header.isTied(true), false, logits, 0));
    return second ? sliding(header, spec) : spec;
  }

  private static ModelSpec sliding(Header header, ModelSpec spec) {
    LayerRule local = LayerRule.Local.window(header.tokens(Field.WINDOW));
    int pattern = header.settings().sizeOr("sliding_window_pattern", PATTERN);
    return LayerRules.of(spec, header.sliding(pattern), local, new LayerRule.Unrotated());
  }
}
