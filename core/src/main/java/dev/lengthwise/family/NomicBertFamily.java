package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// Nomic-BERT: BERT with rotary positions and gated blocks, without biases. Headers of its authors
/// have GPT-2's keys, those of Hugging Face's library BERT's; tensors are called alike.
///
/// Source: Z. Nussbaum et al. 2024, "Nomic Embed", arXiv 2402.01613.
final class NomicBertFamily implements Family {

  private static final double EPSILON = 1e-12;
  private static final double BASE = 1000;
  private static final long LENGTH = 2048;
  private static final int TYPES = 2;
  private static final String TYPE = "nomic_bert";
  private static final String FACTOR = "rotary_scaling_factor";

  private static final KeyTable KEYS =
      KeyTable.BERT
          .alsoReading(Field.HIDDEN, "n_embd")
          .alsoReading(Field.INNER, "n_inner")
          .alsoReading(Field.LAYERS, "n_layer")
          .alsoReading(Field.HEADS, "n_head")
          .alsoReading(Field.LENGTH, "max_trained_positions", "n_positions")
          .alsoReading(Field.ACTIVATION, "activation_function")
          .alsoReading(Field.EPSILON, "layer_norm_epsilon")
          .with(Field.ROTARY_BASE, "rope_theta")
          .alsoReading(Field.ROTARY_BASE, "rotary_emb_base");

  private static final NameMap NAMES =
      NameMap.of(
              NameRow.of("embeddings.word_embeddings", Slot.EMBEDDING),
              NameRow.of("embeddings.token_type_embeddings", Slot.TYPES),
              NameRow.of("emb_ln", Slot.EMBEDDING_NORM),
              NameRow.of("encoder.layers.%l.attn.Wqkv", Slot.QUERY, Slot.KEY, Slot.VALUE),
              NameRow.of("encoder.layers.%l.attn.out_proj", Slot.ATTENTION_OUTPUT),
              NameRow.of("encoder.layers.%l.norm1", Slot.MIXER_NORM),
              NameRow.of("encoder.layers.%l.mlp.fc11", Slot.UP),
              NameRow.of("encoder.layers.%l.mlp.fc12", Slot.GATE),
              NameRow.of("encoder.layers.%l.mlp.fc2", Slot.DOWN),
              NameRow.of("encoder.layers.%l.norm2", Slot.FEED_FORWARD_NORM))
          .ignoring("(.*\\.)?pooler\\..*", "cls\\..*")
          .optionally("bert.");

  @Override
  public String name() {
    return "nomic-bert";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(TYPE, "NomicBertModel", KEYS, NAMES),
        FileFormat.gguf("nomic-bert", Names.GGUF_ENCODER).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public Optional<TaskForm> taskForm(TaskHead.Kind kind, Settings config, String type) {
    return Optional.of(TaskForm.bert(kind, "bert."));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    RopeDeclaration rope = header.rope(heads, new RopeDeclaration.Defaults(BASE, 1, LENGTH));
    if (!header.isGguf()) {
      requireKnown(header);
      rope = scaled(header.settings(), rope);
    }
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads),
            FeedForward.Gated.silu(header.size(Field.INNER)),
            Residual.afterSum(norm));
    return header
        .model(name(), heads, rope, Norm.NONE, layer)
        .withEmbedding(Embedding.normed(norm).withTypes(header.types(TYPES)))
        .asEncoder();
  }

  // The authors' program raises the base where a text is longer than those in training.
  private static RopeDeclaration scaled(Settings config, RopeDeclaration rope) {
    return config.has(FACTOR)
        ? rope.with(
            new MethodTerm("dynamic-ntk")
                .with("factor", config.number(FACTOR))
                .with("original", rope.trainedLength()))
        : rope;
  }

  private static void requireKnown(Header header) {
    Settings config = header.settings();
    Optional<String> activation = header.text(Field.ACTIVATION);
    if (activation.filter("swiglu"::equals).isEmpty()) {
      header.requireActivation(Activation.SILU);
    }
    for (String flag :
        List.of(
            "prenorm",
            "qkv_proj_bias",
            "mlp_fc1_bias",
            "mlp_fc2_bias",
            "rotary_emb_interleaved",
            "use_rms_norm",
            "parallel_block")) {
      if (config.flag(flag, false)) {
        throw config.bad(flag, "false, the only value supported");
      }
    }
    if (config.number("rotary_emb_fraction", 1) != 1) {
      throw config.bad("rotary_emb_fraction", "1, the only value supported");
    }
    if (config.number("moe_every_n_layers", 0) > 0) {
      throw config.bad("moe_every_n_layers", "0: encoders with experts are not supported");
    }
  }
}
