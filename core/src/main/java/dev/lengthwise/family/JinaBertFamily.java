package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.matrix.Gating;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// Jina's embeddings of the second version: BERT with ALiBi on both sides (scores fall with the
/// distance, whatever the direction) and gated feed-forward blocks. Its headers say `bert`, and
/// tell themselves apart by their positions.
///
/// Source: M. Günther et al. 2023, "Jina Embeddings 2", arXiv 2310.19923.
final class JinaBertFamily implements Family {

  private static final double EPSILON = 1e-12;
  private static final long LENGTH = 8192;
  private static final int TYPES = 2;
  private static final double ALIBI_MAX = 8;
  private static final String POSITIONS = "position_embedding_type";
  private static final String ALIBI = "alibi";
  private static final String GATED = "geglu";

  private static final NameMap NAMES =
      Names.BERT
          .replacing(
              NameRow.of("encoder.layer.%l.mlp.gated_layers", Slot.GATE, Slot.UP),
              NameRow.of("encoder.layer.%l.mlp.wo", Slot.DOWN),
              NameRow.of("encoder.layer.%l.mlp.layernorm", Slot.FEED_FORWARD_NORM))
          .optionally("bert.");

  @Override
  public String name() {
    return "jina-bert-v2";
  }

  /// Whether a header that says `bert` means this family.
  static boolean isOne(Checkpoint checkpoint) {
    return checkpoint.header().path(POSITIONS).asText().equals(ALIBI);
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("bert", "JinaBertModel", KeyTable.BERT, NAMES),
        FileFormat.gguf("jina-bert-v2", Names.GGUF_ENCODER).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public Optional<FileFormat> formatOf(Checkpoint checkpoint) {
    return Family.super
        .formatOf(checkpoint)
        .filter(format -> format.container() == Container.GGUF || isOne(checkpoint));
  }

  // No key of the tables says that positions are those of this family.
  @Override
  public Optional<FileFormat> formatIn(Container container, ModelSpec spec) {
    return container == Container.HUGGING_FACE
        ? Optional.empty()
        : Family.super.formatIn(container, spec);
  }

  @Override
  public Optional<TaskForm> taskForm(TaskHead.Kind kind, Settings config, String type) {
    return Optional.of(TaskForm.bert(kind, "bert."));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    RopeDeclaration positions =
        RopeDeclaration.none(
            header.tokens(Field.LENGTH, LENGTH), new MethodTerm(ALIBI).with("max", ALIBI_MAX));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(Mixer.Biases.ALL),
            new FeedForward.Gated(
                header.size(Field.INNER), Gating.of(activation(header)), false, true),
            Residual.afterSum(norm));
    return header
        .model(name(), heads, positions, Norm.NONE, layer)
        .withEmbedding(Embedding.normed(norm).withTypes(header.types(TYPES)))
        .asEncoder();
  }

  // llama.cpp computes the approximation.
  private static Activation activation(Header header) {
    if (header.isGguf()) {
      return Activation.GELU_TANH;
    }
    header.requireEncoder();
    Settings config = header.settings();
    return switch (config.text("feed_forward_type").orElse(GATED)) {
      case GATED -> Activation.GELU;
      case "reglu" -> Activation.RELU;
      default -> throw config.bad("feed_forward_type", "\"geglu\" or \"reglu\"");
    };
  }
}
