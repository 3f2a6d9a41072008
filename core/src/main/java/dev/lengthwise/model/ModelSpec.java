package dev.lengthwise.model;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreRule;
import dev.lengthwise.position.Weighting;
import java.util.List;
import java.util.Optional;

/// The model plan: what a decoder is made of, in one vocabulary for all families. It is data; what
/// computes with it is [Decoder], which knows no family.
///
/// @param family name of the family that read it
/// @param vocabularySize rows of the embedding
/// @param hiddenSize channels of the residual stream
/// @param embedding how tokens become the stream
/// @param layers what each layer is made of
/// @param lastNorm after the last layer
/// @param head how the stream becomes logits
/// @param direction which tokens a token sees
/// @param shape what position methods see
/// @param declared the position method that the checkpoint was trained with
/// @param task the head of a task, beside that of tokens
public record ModelSpec(
    String family,
    int vocabularySize,
    int hiddenSize,
    Embedding embedding,
    List<LayerSpec> layers,
    Norm lastNorm,
    Head head,
    Architecture.Direction direction,
    ModelShape shape,
    PositionMethod declared,
    Optional<TaskHead> task) {

  /// A model without the head of a task.
  public ModelSpec(
      String family,
      int vocabularySize,
      int hiddenSize,
      Embedding embedding,
      List<LayerSpec> layers,
      Norm lastNorm,
      Head head,
      Architecture.Direction direction,
      ModelShape shape,
      PositionMethod declared) {
    this(
        family,
        vocabularySize,
        hiddenSize,
        embedding,
        layers,
        lastNorm,
        head,
        direction,
        shape,
        declared,
        Optional.empty());
  }

  /// Whether the matrix in a place is multiplied. Embeddings are looked up, and multiplied with
  /// only where they are the head as well.
  public boolean multiplies(Slot slot) {
    return switch (slot) {
      case EMBEDDING -> head.tied();
      case PLACES, TYPES -> false;
      default -> slot.role().isMatrix();
    };
  }

  /// Checks the numbers against one another.
  public ModelSpec {
    layers = List.copyOf(layers);
    if (vocabularySize <= 0 || hiddenSize <= 0) {
      throw new IllegalArgumentException("sizes of a model must be positive");
    }
    if (layers.size() != shape.layers()) {
      throw new IllegalArgumentException(
          "%d layers were described, %d announced".formatted(layers.size(), shape.layers()));
    }
    if (layers.stream().allMatch(layer -> layer.mixer() instanceof Mixer.GatedUnit)
        && shape.heads() != 1) {
      throw new IllegalArgumentException(
          "a gated attention unit has one head; a model with no layer of several needs heads = 1");
    }
  }

  /// Query heads of `layer`: a gated attention unit has one, whatever other layers have.
  public int heads(int layer) {
    return switch (layers.get(layer).mixer()) {
      case Mixer.Attention attention -> attention.heads();
      case Mixer.LatentAttention attention -> attention.heads();
      case Mixer.GatedUnit _ -> 1;
      case Mixer.Recurrence _ -> shape.heads();
    };
  }

  /// Key and value heads of `layer`.
  public int keyValueHeads(int layer) {
    return switch (layers.get(layer).mixer()) {
      case Mixer.Attention attention -> attention.keyValueHeads();
      case Mixer.LatentAttention attention -> attention.heads();
      case Mixer.GatedUnit _ -> 1;
      case Mixer.Recurrence _ -> shape.keyValueHeads();
    };
  }

  /// Channels of a value in `layer`: of a gated attention unit, its inner channels.
  public int valueSize(int layer) {
    return switch (layers.get(layer).mixer()) {
      case Mixer.Attention attention -> attention.valueSize();
      case Mixer.LatentAttention attention -> attention.valueSize();
      case Mixer.GatedUnit unit -> unit.inner();
      case Mixer.Recurrence _ -> shape.headSize();
    };
  }

  /// Whether tokens see those ahead of them: the model fills in masked tokens.
  public boolean isBidirectional() {
    return direction == Architecture.Direction.BIDIRECTIONAL;
  }

  /// What `layer` itself does to scores.
  ///
  /// @param sinks its trained sinks, one for each head; empty where it has none
  public ScoreRule scores(int layer, double[] sinks) {
    return switch (layers.get(layer).mixer()) {
      case Mixer.Attention attention -> rule(attention.scores(), sinks);
      case Mixer.GatedUnit unit -> unitRule(unit.weighting());
      case Mixer.LatentAttention _, Mixer.Recurrence _ -> ScoreRule.SOFTMAX;
    };
  }

  private static ScoreRule unitRule(Weighting weighting) {
    return switch (weighting) {
      case SOFTMAX -> ScoreRule.SOFTMAX;
      case SQUARED_RELU -> ScoreRule.SQUARED_RELU;
    };
  }

  private static ScoreRule rule(Mixer.Scores scores, double[] sinks) {
    return new ScoreRule(scores.scale(), scores.cap(), sinks, Weighting.SOFTMAX);
  }

  /// What a method plans for `layer`, with the direction of the model.
  ///
  /// @param rule what the layer itself does to scores
  /// @param length tokens of the text that `plan` was made for
  /// @throws LengthwiseException where the plan has numbers for each head of the model, and the
  ///     layer has other heads; or where it makes no sense for a bidirectional model
  public AttentionPlan planOf(int layer, AttentionPlan plan, ScoreRule rule, long length) {
    if (heads(layer) != shape.heads() && !plan.bias().equals(ScoreBias.NONE)) {
      throw new LengthwiseException(
          ("The method adds a score bias, which has numbers for each of %d heads, but layer %d is a"
                  + " gated attention unit with one head; take a method without a bias.")
              .formatted(shape.heads(), layer + 1));
    }
    AttentionPlan own = plan.with(rule);
    if (!isBidirectional()) {
      return own;
    }
    plan.causalPart()
        .ifPresent(
            reason -> {
              throw new LengthwiseException(
                  "A bidirectional model (model.architecture.direction) cannot have this position"
                      + " method: "
                      + reason
                      + "; take another, for instance rope+log-n.");
            });
    return own.bidirectional(length);
  }

  /// The same model with another declared method.
  public ModelSpec withDeclared(PositionMethod method) {
    return with(family, embedding, head, shape, method);
  }

  /// The same model under the name of another family.
  public ModelSpec withFamily(String name) {
    return with(name, embedding, head, shape, declared);
  }

  /// The same model with another embedding.
  public ModelSpec withEmbedding(Embedding other) {
    return with(family, other, head, shape, declared);
  }

  /// The same model with another head.
  public ModelSpec withHead(Head other) {
    return with(family, embedding, other, shape, declared);
  }

  /// The same model with another trained length.
  public ModelSpec withTrainedLength(long length) {
    return with(family, embedding, head, shape.withTrainedLength(length), declared);
  }

  /// The same model, whose tokens see those ahead of them too, and without a head: its logits are
  /// products with the embedding.
  public ModelSpec asEncoder() {
    return new ModelSpec(
        family,
        vocabularySize,
        hiddenSize,
        embedding,
        layers,
        lastNorm,
        Head.plain(true),
        Architecture.Direction.BIDIRECTIONAL,
        shape,
        declared);
  }

  /// The same model with the head of a task, or without one.
  public ModelSpec withTask(Optional<TaskHead> other) {
    return new ModelSpec(
        family,
        vocabularySize,
        hiddenSize,
        embedding,
        layers,
        lastNorm,
        head,
        direction,
        shape,
        declared,
        other);
  }

  private ModelSpec with(
      String newFamily,
      Embedding newEmbedding,
      Head newHead,
      ModelShape newShape,
      PositionMethod newDeclared) {
    return new ModelSpec(
        newFamily,
        vocabularySize,
        hiddenSize,
        newEmbedding,
        layers,
        lastNorm,
        newHead,
        direction,
        newShape,
        newDeclared,
        task);
  }
}
