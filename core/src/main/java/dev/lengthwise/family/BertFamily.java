package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// BERT and what is called like it (RoBERTa, XLM-R, CamemBERT; BGE, E5, GTE, MiniLM): learned
/// places and types of tokens, norms after the sums, exact GELU. Places of RoBERTa begin behind the
/// row of its padding; llama.cpp's files leave those rows out.
///
/// Sources: J. Devlin et al. 2018, "BERT"; Y. Liu et al. 2019, "RoBERTa".
final class BertFamily implements Family {

  private static final double EPSILON = 1e-12;
  private static final double ROBERTA_EPSILON = 1e-5;
  private static final int LENGTH = 512;
  private static final int TYPES = 2;
  private static final String BERT = "bert";
  private static final List<String> ROBERTA = List.of("roberta", "xlm-roberta", "camembert");

  @Override
  public String name() {
    return BERT;
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(BERT, "BertModel", KeyTable.BERT, Names.BERT.optionally("bert.")),
        FileFormat.huggingFace(
                ROBERTA.getFirst(),
                "RobertaModel",
                KeyTable.BERT,
                Names.BERT.optionally("roberta."))
            .alsoReading(ROBERTA.get(1), ROBERTA.get(2)),
        FileFormat.gguf(BERT, Names.GGUF_ENCODER).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public Optional<FileFormat> formatOf(Checkpoint checkpoint) {
    return JinaBertFamily.isOne(checkpoint) ? Optional.empty() : Family.super.formatOf(checkpoint);
  }

  // No file says where the places begin but by its type.
  @Override
  public Optional<FileFormat> formatIn(Container container, ModelSpec spec) {
    boolean shifted = spec.embedding().firstPlace() > 0;
    return switch (container) {
      case HUGGING_FACE -> Optional.of(formats().get(shifted ? 1 : 0));
      case GGUF -> shifted ? Optional.empty() : Optional.of(formats().getLast());
      case LLAMA2C -> Optional.empty();
    };
  }

  // RoBERTa classifies with two layers of its own.
  @Override
  public Optional<TaskForm> taskForm(TaskHead.Kind kind, Settings config, String type) {
    boolean roberta = !type.equals(BERT);
    return Optional.of(
        roberta && kind == TaskHead.Kind.CLASSIFICATION
            ? TaskForm.twoLayers(TaskForm.TANH)
            : TaskForm.bert(kind, roberta ? "roberta." : "bert."));
  }

  @Override
  public ModelSpec spec(Header header) {
    boolean shifted = ROBERTA.contains(header.type());
    if (!header.isGguf()) {
      header.settings().requireText("position_embedding_type", "absolute");
      header.requireEncoder();
    }
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, shifted ? ROBERTA_EPSILON : EPSILON));
    int places = header.places(LENGTH);
    int first = shifted ? 1 + header.settings().tokenId("pad_token_id", 1) : 0;
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(Mixer.Biases.ALL),
            new FeedForward.Plain(header.size(Field.INNER), activation(header), true),
            Residual.afterSum(norm));
    RopeDeclaration positions =
        RopeDeclaration.none(Math.max(1, places - first), new MethodTerm("nope"));
    return header
        .model(name(), heads, positions, Norm.NONE, layer)
        .withEmbedding(
            Embedding.normed(norm).withPlaces(places, first).withTypes(header.types(TYPES)))
        .asEncoder();
  }

  // llama.cpp computes the approximation.
  private static Activation activation(Header header) {
    return header.isGguf() ? Activation.GELU_TANH : header.activation(Activation.GELU);
  }
}
