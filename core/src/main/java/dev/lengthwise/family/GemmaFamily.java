package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.ScoreScale;
import java.util.List;

/// Gemma 1, 2 and 3 (text): an embedding times the root of the hidden size, gains that Hugging
/// Face's files hold as `gain − 1`, a gate of GELU. Gemma 2 has norms around both branches, caps on
/// scores and logits, and a window on every second layer; Gemma 3 norms each head in place of the
/// cap on scores, and has its window on five of six layers, which turn with a base of their own.
final class GemmaFamily implements Family {

  private static final double EPSILON = 1e-6;
  private static final RopeDeclaration.Defaults ROPE = RopeDeclaration.Defaults.length(8192);
  private static final RopeDeclaration.Defaults ROPE_OF_3 =
      new RopeDeclaration.Defaults(1_000_000, 1, 131_072);
  private static final long WINDOW = 4096;
  private static final double LOCAL_BASE = 10_000;
  private static final double SCORE_SIZE = 256;

  // What llama.cpp and Hugging Face's code mean where a Gemma 2 does not say.
  private static final double SCORE_CAP = 50;
  private static final double LOGIT_CAP = 30;

  /// Layers of the one Gemma 2 and 3 whose scores have the hidden size over the number of heads.
  private static final int LAYERS_OF_27B_2 = 46;

  private static final int LAYERS_OF_27B_3 = 62;

  private static final Slot[] NORMS = {
    Slot.MIXER_NORM,
    Slot.MIXER_OUTPUT_NORM,
    Slot.FEED_FORWARD_NORM,
    Slot.FEED_FORWARD_OUTPUT_NORM,
    Slot.QUERY_NORM,
    Slot.KEY_NORM,
    Slot.LAST_NORM
  };

  private static final KeyTable KEYS =
      KeyTable.LLAMA
          .without(Field.FEED_FORWARD_BIAS)
          .with(Field.ACTIVATION, "hidden_activation")
          .with(Field.SCORE_SIZE, "query_pre_attn_scalar")
          .with(Field.SCORE_CAP, "attn_logit_softcapping")
          .with(Field.LOGIT_CAP, "final_logit_softcapping")
          .with(Field.WINDOW, "sliding_window");

  private static final NameMap AROUND =
      Names.LLAMA_WITH_HEAD_NORMS
          .replacing(
              NameRow.of("model.layers.%l.post_attention_layernorm", Slot.MIXER_OUTPUT_NORM),
              NameRow.of("model.layers.%l.pre_feedforward_layernorm", Slot.FEED_FORWARD_NORM),
              NameRow.of(
                  "model.layers.%l.post_feedforward_layernorm", Slot.FEED_FORWARD_OUTPUT_NORM))
          .plusOne(NORMS);

  @Override
  public String name() {
    return "gemma";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
            "gemma",
            "GemmaForCausalLM",
            KEYS.without(Field.SCORE_SIZE),
            Names.LLAMA.plusOne(NORMS)),
        FileFormat.huggingFace("gemma2", "Gemma2ForCausalLM", KEYS, AROUND),
        FileFormat.huggingFace("gemma3_text", "Gemma3ForCausalLM", KEYS, AROUND),
        FileFormat.gguf("gemma", Names.GGUF).alsoReading("gemma2", "gemma3"));
  }

  @Override
  public ModelSpec spec(Header header) {
    int version = version(header);
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    Mixer.HeadNorm headNorm =
        version == 3 ? new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD) : Mixer.HeadNorm.NONE;
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(LlamaFamily.biases(header))
                .with(headNorm)
                .with(
                    new Mixer.Scores(
                        scale(header, heads, version),
                        version == 2 ? cap(header, Field.SCORE_CAP, SCORE_CAP) : 0,
                        false)),
            FeedForward.Gated.of(header.size(Field.INNER), activation(header, version)),
            version == 1 ? Residual.before(norm) : Residual.around(norm));
    RopeDeclaration rope = header.rope(heads, version == 3 ? ROPE_OF_3 : ROPE);
    double logitCap = cap(header, Field.LOGIT_CAP, LOGIT_CAP);
    ModelSpec spec =
        header
            .model(name(), heads, rope, norm, layer)
            .withEmbedding(Embedding.scaled(Math.sqrt(header.size(Field.HIDDEN))))
            .withHead(new Head(header.isTied(true), false, 1, logitCap));
    return version == 1 ? spec : LayerRules.of(spec, rules(header, version)::get);
  }

  private static int version(Header header) {
    return switch (header.type()) {
      case "gemma" -> 1;
      case "gemma2" -> 2;
      default -> 3;
    };
  }

  // The first configurations name the exact GELU, and their code has always taken the other.
  private static Activation activation(Header header, int version) {
    return version == 1 && !header.has(Field.ACTIVATION)
        ? Activation.GELU_TANH
        : header.activation(Activation.GELU_TANH);
  }

  private static double cap(Header header, Field field, double silent) {
    boolean meant = version(header) == 2 && !header.mentions(field);
    return meant ? silent : header.positive(field).orElse(0.0);
  }

  private static ScoreScale scale(Header header, Header.Heads heads, int version) {
    if (version == 1) {
      return ScoreScale.ONE;
    }
    double size = heads.size();
    if (!header.isGguf()) {
      size = header.number(Field.SCORE_SIZE, SCORE_SIZE);
    } else if (header.size(Field.LAYERS) == (version == 2 ? LAYERS_OF_27B_2 : LAYERS_OF_27B_3)) {
      size = (double) header.size(Field.HIDDEN) / heads.queries();
    }
    return new ScoreScale.Constant(Math.sqrt(heads.size() / size));
  }

  private static List<LayerRule> rules(Header header, int version) {
    int pattern = header.settings().sizeOr("sliding_window_pattern", version == 2 ? 2 : 6);
    long window = header.tokens(Field.WINDOW, WINDOW);
    LayerRule.Local local = LayerRule.Local.window(window);
    LayerRule sliding = version == 2 ? local : local.withPlainRotary(localBase(header));
    return header.sliding(layer -> layer % pattern < pattern - 1).stream()
        .map(slides -> slides ? sliding : new LayerRule.Global())
        .toList();
  }

  private static double localBase(Header header) {
    if (header.isGguf()) {
      return header.settings().number("gemma3.rope.freq_base_swa", LOCAL_BASE);
    }
    return RopeDeclaration.slidingBase(header.settings())
        .orElseGet(() -> header.settings().number("rope_local_base_freq", LOCAL_BASE));
  }
}
