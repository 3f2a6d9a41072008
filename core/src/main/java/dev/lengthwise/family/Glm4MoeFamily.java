package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;
import java.util.Optional;

/// GLM-4.5 and 4.6: DeepSeek-V3's experts behind plain attention, whose heads turn in part and may
/// be normed. Layers that predict further tokens are left out ([NextTokenLayers]).
final class Glm4MoeFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final int SIGMOID = 2; // as GGUF numbers it
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(10_000, 0.5, 131_072);

  @Override
  public String name() {
    return "glm4-moe";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA_WITH_SHARED_EXPERTS
            .with(Field.ROTARY_SHARE, "partial_rotary_factor")
            .with(Field.HEAD_NORM, "use_qk_norm")
            .with(Field.NEXT_TOKEN_LAYERS, "num_nextn_predict_layers");
    NameMap gguf =
        Names.GGUF.replacing(NameRow.of("blk.%l.post_attention_norm", Slot.FEED_FORWARD_NORM));
    return List.of(
        FileFormat.huggingFace(
            "glm4_moe", "Glm4MoeForCausalLM", keys, Names.LLAMA_WITH_SHARED_EXPERTS),
        FileFormat.gguf("glm4moe", gguf).with(KeyTable.GGUF_WITH_SHARED_EXPERTS));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    boolean biased = header.flagOrTensor(Field.ATTENTION_BIAS, "blk.0.attn_q.bias", false);
    boolean normed = header.flagOrTensor(Field.HEAD_NORM, "blk.0.attn_q_norm.weight", false);
    Mixer attention =
        header
            .attention(heads)
            .with(biased ? Mixer.Biases.INPUTS : Mixer.Biases.NONE)
            .with(
                normed
                    ? new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD)
                    : Mixer.HeadNorm.NONE);
    if (header.isGguf() && header.number(Field.EXPERT_GATING, SIGMOID) != SIGMOID) {
      throw header.bad(Field.EXPERT_GATING, "2, a sigmoid, the only one supported");
    }
    FeedForward experts = experts(header, !header.isGguf());
    int plain = header.countOr(Field.PLAIN_LAYERS, header.isGguf() ? 0 : 1);
    return header.model(
        name(),
        heads,
        header.rope(heads, ROPE),
        Optional.empty(),
        norm,
        layer ->
            new LayerSpec(
                attention,
                layer < plain ? header.gated(header.size(Field.INNER)) : experts,
                Residual.before(norm)));
  }

  /// The experts of DeepSeek-V3, without groups where a header has none.
  ///
  /// @param renormalised what a header means that does not say whether weights add up to 1
  static FeedForward experts(Header header, boolean renormalised) {
    return Experts.withShared(
        header,
        Experts.corrected(header, Experts.Silent.plain(renormalised)),
        header.countOr(Field.SHARED_EXPERTS, 1));
  }
}
