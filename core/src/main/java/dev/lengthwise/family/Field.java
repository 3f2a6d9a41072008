package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A setting of a model that headers have keys for: whoever writes a header takes its value from
/// the model plan.
@SuppressWarnings("ImmutableEnumChecker") // its functions have no state
enum Field {
  /// Rows of the embedding.
  VOCABULARY(ModelSpec::vocabularySize),
  /// Channels of the stream.
  HIDDEN(ModelSpec::hiddenSize),
  /// Number of layers.
  LAYERS(spec -> spec.layers().size()),
  /// Query heads.
  HEADS(spec -> spec.shape().heads()),
  /// Key and value heads.
  KEY_VALUE_HEADS(spec -> spec.shape().keyValueHeads()),
  /// Channels of a query and a key.
  HEAD_SIZE(spec -> spec.shape().headSize()),
  /// Channels of a value.
  VALUE_SIZE(spec -> spec.valueSize(0)),
  /// Inner channels of a feed-forward block that is no expert.
  INNER(Field::inner),
  /// Longest text in training.
  LENGTH(spec -> spec.shape().trainedLength()),
  /// Rows of the table of types of tokens.
  TYPES(spec -> spec.embedding().types()),
  /// Added to mean squares and variances in norms.
  EPSILON(
      spec -> {
        Residual residual = spec.layers().getLast().residual();
        return residual.mixer().exists()
            ? residual.mixer().epsilon()
            : residual.mixerOutput().epsilon();
      }),
  /// Whether the head is the embedding.
  TIED(spec -> spec.head().tied()),
  /// Channels of a head that turn.
  ROTARY_SIZE(spec -> spec.shape().hasRotary() ? spec.shape().rotarySize() : null),
  /// Share of the channels of a head that turn.
  ROTARY_SHARE(
      spec ->
          spec.shape().hasRotary()
              ? (double) spec.shape().rotarySize() / spec.shape().headSize()
              : null),
  /// Base of the rotary frequencies.
  ROTARY_BASE(spec -> spec.shape().hasRotary() ? spec.shape().rotaryBase() : null),
  /// Whether channels of heads turn, in the word of headers that must say so.
  POSITION_TYPE(spec -> spec.shape().hasRotary() ? "rope" : null),
  /// That every layer has attention, in headers of models that mix it with other layers.
  ATTENTION_LAYERS(spec -> Collections.nCopies(spec.layers().size(), "attention")),
  /// The activation of feed-forward blocks.
  ACTIVATION(Field::activation),
  /// Bound of queries, keys and values.
  CLAMP(
      spec ->
          attentions(spec)
              .map(Mixer.Attention::clamp)
              .filter(Mixer.Clamp::exists)
              .map(Mixer.Clamp::bound)
              .findFirst()
              .orElse(null)),
  /// Whether projections of attention have biases.
  ATTENTION_BIAS(
      spec ->
          latent(spec)
              .map(Mixer.LatentAttention::biased)
              .or(() -> attentions(spec).map(own -> own.biases().query()).findFirst())
              .orElse(null)),
  /// Whether outputs of attention have a bias.
  OUTPUT_BIAS(spec -> attentions(spec).map(own -> own.biases().output()).findFirst().orElse(null)),
  /// Whether projections of feed-forward blocks have biases.
  FEED_FORWARD_BIAS(
      spec ->
          switch (spec.layers().getFirst().feedForward()) {
            case FeedForward.Plain plain -> plain.bias();
            case FeedForward.Gated gated -> gated.bias();
            case FeedForward.Experts _, FeedForward.None _ -> false;
          }),
  /// Whether both branches of a layer read the stream before it.
  PARALLEL(spec -> spec.layers().getFirst().residual().order().isParallel()),
  /// Whether norms stand before the branches of a layer, and not after the sums.
  NORM_BEFORE(spec -> spec.layers().getFirst().residual().order() != Residual.Order.AFTER_SUM),
  /// Whether norms have trained numbers.
  NORM_GAIN(spec -> spec.layers().getFirst().residual().mixer().gain()),
  /// Norms of the branches of a layer that read the stream before it.
  PARALLEL_NORMS(
      spec ->
          switch (spec.layers().getFirst().residual().order()) {
            case PARALLEL -> 2;
            case PARALLEL_SHARED -> 1;
            case SEQUENTIAL, FROM_NORMED, AFTER_SUM -> null;
          }),
  /// Whether the stream goes through the norms of the branches.
  FROM_NORMED(spec -> spec.layers().getFirst().residual().order() == Residual.Order.FROM_NORMED),
  /// Whether all query heads share one key head.
  MULTI_QUERY(spec -> spec.shape().keyValueHeads() == 1),
  /// Whether branches side by side have norms of their own, or groups of query heads their keys:
  /// Falcon's second architecture.
  GROUPED(
      spec -> {
        int keys = spec.shape().keyValueHeads();
        boolean groups = keys > 1 && keys < spec.shape().heads();
        return groups || spec.layers().getFirst().residual().order() == Residual.Order.PARALLEL;
      }),
  /// Number of experts.
  EXPERTS(spec -> experts(spec).map(FeedForward.Experts::count).findFirst().orElse(null)),
  /// The same in headers that say 0 where there are none.
  EXPERTS_OR_NONE(spec -> experts(spec).map(FeedForward.Experts::count).findFirst().orElse(0)),
  /// Experts of a token.
  ACTIVE_EXPERTS(spec -> experts(spec).map(FeedForward.Experts::active).findFirst().orElse(null)),
  /// Inner channels of an expert.
  EXPERT_INNER(spec -> experts(spec).map(own -> own.expert().inner()).findFirst().orElse(null)),
  /// Inner channels of the shared expert.
  SHARED_INNER(
      spec ->
          experts(spec)
              .map(FeedForward.Experts::shared)
              .filter(Objects::nonNull)
              .map(FeedForward.Gated::inner)
              .findFirst()
              .orElse(null)),
  /// Whether the weights of chosen experts add up to 1.
  RENORMALISED(
      spec -> experts(spec).map(own -> own.router().renormalised()).findFirst().orElse(null)),
  /// What scores are multiplied by: `1/√headSize` and whatever else.
  SCORE_SCALE(
      spec -> {
        double scale = scoreScale(spec);
        return scale * Math.sqrt(spec.shape().headSize()) == 1 ? null : scale;
      }),
  /// Slope of a temperature of scores that grows with the length of the text.
  TEMPERATURE(
      spec ->
          attentions(spec)
              .map(own -> own.scores().scale())
              .filter(ScoreScale.LengthSteps.class::isInstance)
              .map(scale -> ((ScoreScale.LengthSteps) scale).slope())
              .findFirst()
              .orElse(null)),
  /// What scores are multiplied by in headers that mean 1 where they do not say it.
  SCORE_MULTIPLIER(Field::scoreScale),
  /// The size whose `−½`th power that is.
  SCORE_SIZE(
      spec -> {
        double scale = scoreScale(spec);
        return 1 / (scale * scale);
      }),
  /// Bound of scores.
  SCORE_CAP(
      spec ->
          attentions(spec)
              .map(own -> own.scores().cap())
              .findFirst()
              .filter(cap -> cap > 0)
              .orElse(null)),
  /// Bound of logits.
  LOGIT_CAP(spec -> spec.head().cap() > 0 ? spec.head().cap() : null),
  /// Factor on logits.
  LOGIT_SCALE(spec -> spec.head().scale()),
  /// What logits are divided by.
  LOGIT_DIVISOR(spec -> 1 / spec.head().scale()),
  /// Factor on the embedding.
  EMBEDDING_SCALE(spec -> spec.embedding().scale()),
  /// Factor on what branches add.
  RESIDUAL_SCALE(spec -> spec.layers().getFirst().residual().scale()),
  /// Inner channels of a feed-forward block, as a multiple of the hidden size.
  EXPANSION(spec -> inner(spec) instanceof Integer own ? own / spec.hiddenSize() : null),
  /// Whether all queries, and all keys, are normed as one vector.
  WHOLE_NORM(spec -> hasHeadNorm(spec, Mixer.HeadNorm.Extent.WHOLE)),
  /// Whether each head of queries and keys is normed.
  HEAD_NORM(
      spec ->
          hasHeadNorm(spec, Mixer.HeadNorm.Extent.HEAD)
              || hasHeadNorm(spec, Mixer.HeadNorm.Extent.EACH_HEAD)),
  /// Whether nothing has a bias.
  BARE(spec -> !spec.lastNorm().bias()),
  /// Channels that queries of latent attention are projected from.
  QUERY_RANK(
      spec -> latent(spec).map(Mixer.LatentAttention::queryRank).filter(r -> r > 0).orElse(null)),
  /// Channels that keys and values of latent attention are projected from.
  KEY_RANK(spec -> latent(spec).map(Mixer.LatentAttention::keyRank).orElse(null)),
  /// Channels of a head of latent attention that do not turn.
  STILL_SIZE(spec -> latent(spec).map(Mixer.LatentAttention::stillSize).orElse(null)),
  /// Shared experts, which are one block.
  SHARED_EXPERTS(
      spec ->
          SHARED_INNER.of(spec) instanceof Integer shared
                  && EXPERT_INNER.of(spec) instanceof Integer one
              ? shared / one
              : null),
  /// First layers without experts.
  PLAIN_LAYERS(
      spec ->
          (int)
              spec.layers().stream()
                  .takeWhile(layer -> !(layer.feedForward() instanceof FeedForward.Experts))
                  .count()),
  /// Layers without experts.
  PLAIN_LAYER_LIST(
      spec ->
          IntStream.range(0, spec.layers().size())
              .filter(layer -> !hasExperts(spec, layer))
              .boxed()
              .toList()),
  /// Distance of layers with experts, where the others between them are plain.
  EXPERT_STEP(
      spec ->
          IntStream.range(0, spec.layers().size())
              .filter(layer -> hasExperts(spec, layer))
              .mapToObj(layer -> layer + 1)
              .findFirst()
              .orElse(null)),
  /// How the shares of experts are made, as GGUF numbers it: 1 for a softmax, 2 for `σ`.
  EXPERT_GATING(
      spec ->
          experts(spec)
              .map(own -> own.router().scoring() == FeedForward.Router.Scoring.SIGMOID ? 2 : 1)
              .findFirst()
              .orElse(null)),
  /// Factor on the weights of experts.
  EXPERT_SCALE(spec -> experts(spec).map(own -> own.router().scale()).findFirst().orElse(null)),
  /// Groups of experts.
  GROUPS(spec -> experts(spec).map(own -> own.router().groups()).findFirst().orElse(null)),
  /// Groups of experts that a token may go to.
  ACTIVE_GROUPS(
      spec -> experts(spec).map(own -> own.router().activeGroups()).findFirst().orElse(null)),
  /// Whether scores fall linearly with the distance.
  ALIBI(spec -> bias(spec) instanceof ScoreBias.Linear),
  /// Greatest exponent of a slope of ALiBi.
  ALIBI_MAX(Field::alibiMax),
  /// Tokens that sliding layers see.
  WINDOW(_ -> null),
  /// Which layers have a window, as a list of lists of types with their repetitions.
  LOCAL_LAYERS(
      spec ->
          List.of(
              List.of(
                  IntStream.range(0, spec.layers().size())
                      .mapToObj(layer -> local(spec, layer) == null ? "global" : "local")
                      .toList(),
                  1))),
  /// The window of those layers.
  LOCAL_WINDOW(
      spec ->
          IntStream.range(0, spec.layers().size())
              .mapToObj(layer -> local(spec, layer))
              .filter(Objects::nonNull)
              .map(own -> own.region().retention().window())
              .findFirst()
              .orElse(null)),
  /// Layers behind those of the model that predict further tokens ([NextTokenLayers]).
  NEXT_TOKEN_LAYERS(_ -> null);

  private static final double DECIMALS = 1e6;

  private final Function<ModelSpec, @Nullable Object> value;

  Field(Function<ModelSpec, @Nullable Object> value) {
    this.value = value;
  }

  /// The value of a model; `null` where it has none, or where positions decide.
  @Nullable Object of(ModelSpec spec) {
    return value.apply(spec);
  }

  private static Stream<Mixer.Attention> attentions(ModelSpec spec) {
    return spec.layers().stream()
        .map(layer -> layer.mixer())
        .filter(Mixer.Attention.class::isInstance)
        .map(Mixer.Attention.class::cast);
  }

  private static boolean hasExperts(ModelSpec spec, int layer) {
    return spec.layers().get(layer).feedForward() instanceof FeedForward.Experts;
  }

  private static boolean hasHeadNorm(ModelSpec spec, Mixer.HeadNorm.Extent extent) {
    return attentions(spec)
        .anyMatch(own -> own.norm().norm().exists() && own.norm().extent() == extent);
  }

  private static LayerRule.@Nullable Local local(ModelSpec spec, int layer) {
    return spec.declared() instanceof OwnLayers own
            && own.layers().get(layer) instanceof LayerRule.Local local
        ? local
        : null;
  }

  private static Optional<Mixer.LatentAttention> latent(ModelSpec spec) {
    return spec.layers().getFirst().mixer() instanceof Mixer.LatentAttention own
        ? Optional.of(own)
        : Optional.empty();
  }

  private static Stream<FeedForward.Experts> experts(ModelSpec spec) {
    return spec.layers().stream()
        .map(layer -> layer.feedForward())
        .filter(FeedForward.Experts.class::isInstance)
        .map(FeedForward.Experts.class::cast);
  }

  private static @Nullable Object inner(ModelSpec spec) {
    return spec.layers().stream()
        .<@Nullable Integer>map(
            layer ->
                switch (layer.feedForward()) {
                  case FeedForward.Plain plain -> plain.inner();
                  case FeedForward.Gated gated -> gated.inner();
                  case FeedForward.Experts _, FeedForward.None _ -> null;
                })
        .filter(Objects::nonNull)
        .findFirst()
        .orElseGet(
            () ->
                experts(spec)
                    .map(own -> own.expert().inner())
                    .findFirst()
                    .orElseGet(() -> unitInner(spec)));
  }

  private static @Nullable Integer unitInner(ModelSpec spec) {
    return spec.layers().getFirst().mixer() instanceof Mixer.GatedUnit unit ? unit.inner() : null;
  }

  private static @Nullable Activation activation(ModelSpec spec) {
    return switch (spec.layers().getFirst().feedForward()) {
      case FeedForward.Plain plain -> plain.activation();
      case FeedForward.Gated gated -> gated.gating().activation();
      case FeedForward.Experts experts -> experts.expert().gating().activation();
      case FeedForward.None _ -> null;
    };
  }

  private static @Nullable ScoreBias bias(ModelSpec spec) {
    ModelShape shape = spec.shape();
    return spec.declared().parts(shape, 0, shape.trainedLength()).bias();
  }

  // 2^(−max/n) is the first of n slopes, n being a power of two.
  private static @Nullable Object alibiMax(ModelSpec spec) {
    if (!(bias(spec) instanceof ScoreBias.Linear bias)) {
      return null;
    }
    double exponent = -Math.log(bias.slope(0)) / Math.log(2) * Integer.highestOneBit(bias.heads());
    double max = Math.rint(exponent * DECIMALS) / DECIMALS;
    return ScoreBias.Linear.geometric(bias.heads(), max, 1).equals(bias) ? max : null;
  }

  private static double scoreScale(ModelSpec spec) {
    double beside =
        attentions(spec)
            .map(own -> own.scores().scale())
            .filter(ScoreScale.Constant.class::isInstance)
            .mapToDouble(scale -> scale.at(0))
            .findFirst()
            .orElse(1);
    return beside / Math.sqrt(spec.shape().headSize());
  }
}
