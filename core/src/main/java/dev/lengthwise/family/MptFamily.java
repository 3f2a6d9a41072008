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
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// MPT: ALiBi with slopes that a header may set, queries, keys and values in one tensor that may be
/// clamped and normed as a whole, and the embedding as the head. Headers are read as the authors'
/// program does: Hugging Face's takes every model for one with the published slopes and no bias.
/// Hugging Face computes the exact GELU, llama.cpp its approximation.
final class MptFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final double ALIBI_MAX = 8;
  private static final int EXPANSION = 4;
  private static final long LENGTH = 2048;
  private static final List<String> NORMS = List.of("low_precision_layernorm", "layernorm");

  private static final KeyTable KEYS =
      KeyTable.EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "d_model")
          .with(Field.LAYERS, "n_layers")
          .with(Field.HEADS, "n_heads")
          .with(Field.LENGTH, "max_seq_len")
          .with(Field.EXPANSION, "expansion_ratio")
          .with(Field.EPSILON, "layer_norm_epsilon", EPSILON)
          .with(Field.TIED, "tie_word_embeddings")
          .with(Field.CLAMP, "attn_config.clip_qkv")
          .with(Field.ALIBI, "attn_config.alibi")
          .with(Field.ALIBI_MAX, "attn_config.alibi_bias_max")
          .with(Field.SCORE_SCALE, "attn_config.softmax_scale")
          .with(Field.WHOLE_NORM, "attn_config.qk_ln", false)
          .with(Field.BARE, "no_bias");

  private static final NameMap NAMES =
      NameMap.of(
          NameRow.of("transformer.wte", Slot.EMBEDDING),
          NameRow.of("transformer.wpe", Slot.PLACES),
          NameRow.of("transformer.norm_f", Slot.LAST_NORM),
          NameRow.of("lm_head", Slot.HEAD),
          NameRow.of("transformer.blocks.%l.norm_1", Slot.MIXER_NORM),
          NameRow.of("transformer.blocks.%l.attn.Wqkv", Slot.QUERY, Slot.KEY, Slot.VALUE),
          NameRow.of("transformer.blocks.%l.attn.q_ln", Slot.QUERY_NORM),
          NameRow.of("transformer.blocks.%l.attn.k_ln", Slot.KEY_NORM),
          NameRow.of("transformer.blocks.%l.attn.out_proj", Slot.ATTENTION_OUTPUT),
          NameRow.of("transformer.blocks.%l.norm_2", Slot.FEED_FORWARD_NORM),
          NameRow.of("transformer.blocks.%l.ffn.up_proj", Slot.UP),
          NameRow.of("transformer.blocks.%l.ffn.down_proj", Slot.DOWN));

  @Override
  public String name() {
    return "mpt";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("mpt", "MptForCausalLM", KEYS, NAMES),
        FileFormat.gguf("mpt", Names.GGUF_JOINED)
            .with(KeyTable.GGUF_LAYER_NORM.without(Field.SCORE_SCALE)));
  }

  @Override
  public ModelSpec spec(Header header) {
    if (!header.isGguf()) {
      requireKnown(header.settings());
    }
    Header.Heads heads = header.heads();
    boolean biased = isBiased(header);
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON)).with(true, biased);
    int inner =
        header.isGguf()
            ? header.size(Field.INNER)
            : header.timesHidden(header.sizeOr(Field.EXPANSION, EXPANSION));
    LayerSpec layer =
        new LayerSpec(
            attention(header, heads, norm),
            new FeedForward.Plain(
                inner, header.isGguf() ? Activation.GELU_TANH : Activation.GELU, biased),
            Residual.before(norm));
    RopeDeclaration positions = positions(header);
    int places = hasPlaces(header) ? header.places(LENGTH) : 0;
    return header
        .model(name(), heads, positions, norm, layer)
        .withEmbedding(Embedding.PLAIN.withPlaces(places, 0))
        .withHead(Head.plain(header.isTied(true)));
  }

  private static Mixer.Attention attention(Header header, Header.Heads heads, Norm norm) {
    boolean normed = header.flagOrTensor(Field.WHOLE_NORM, "blk.0.attn_q_norm.weight", false);
    Mixer.HeadNorm whole = new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.WHOLE);
    return header
        .attention(heads)
        .with(norm.bias() ? Mixer.Biases.ALL : Mixer.Biases.NONE)
        .with(normed ? whole : Mixer.HeadNorm.NONE)
        .with(header.scoreScale(heads))
        .with(header.clamp(false));
  }

  private static boolean isBiased(Header header) {
    return header.isGguf() ? header.hasTensor("output_norm.bias") : !header.flag(Field.BARE, true);
  }

  private static RopeDeclaration positions(Header header) {
    double usual = header.isGguf() ? 0 : ALIBI_MAX;
    double max = header.flag(Field.ALIBI, true) ? header.number(Field.ALIBI_MAX, usual) : 0;
    return RopeDeclaration.none(
        header.tokens(Field.LENGTH, LENGTH),
        max == 0 ? new MethodTerm("nope") : new MethodTerm("alibi").with("max", max));
  }

  // Models with ALiBi learn no places, whatever learned_pos_emb says.
  private static boolean hasPlaces(Header header) {
    return header.isGguf()
        ? header.hasTensor("position_embd.weight")
        : !header.flag(Field.ALIBI, true) && header.settings().flag("learned_pos_emb", true);
  }

  private static void requireKnown(Settings config) {
    if (config.has("logit_scale")) {
      throw config.bad("logit_scale", "null, the only value supported");
    }
    String norm = config.text("norm_type").orElse(NORMS.getFirst());
    if (!NORMS.contains(norm)) {
      throw config.bad("norm_type", "one of " + String.join(", ", NORMS));
    }
    Optional<Settings> attention = config.block("attn_config");
    attention.ifPresent(block -> block.requireText("attn_type", "multihead_attention"));
    if (attention.isPresent() && attention.get().flag("rope", false)) {
      throw attention.get().bad("rope", "false, the only value supported");
    }
  }
}
