package dev.lengthwise.model;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Weighting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What the layers of a decoder are made of. In JSON its parts have the names that stand here.
///
/// A block mixes tokens (`mix`) and then channels (`mlp`), each beside the residual stream `x`;
/// [Placement] says where the norms are. A gated attention unit does both at once and has no `mlp`.
///
/// @param norm kind of norms
/// @param placement where norms stand
/// @param feedForward the `mlp` of blocks that have one
/// @param queryKeyBias whether queries and keys have a trained bias before they turn: of the
///     projections, or the offsets of a gated attention unit (kexue.fm 9577)
/// @param direction which tokens a token sees
/// @param blocks what mixes tokens in each layer: a pattern that repeats
public record Architecture(
    NormKind norm,
    Placement placement,
    FeedForwardKind feedForward,
    boolean queryKeyBias,
    Direction direction,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<Block> blocks) {

  /// Llama's.
  public static final Architecture LLAMA =
      new Architecture(
          NormKind.RMS,
          Placement.PRE,
          FeedForwardKind.SWIGLU,
          false,
          Direction.CAUSAL,
          List.of(Block.ATTENTION));

  /// A causal model.
  public Architecture(
      NormKind norm,
      Placement placement,
      FeedForwardKind feedForward,
      boolean queryKeyBias,
      List<Block> blocks) {
    this(norm, placement, feedForward, queryKeyBias, Direction.CAUSAL, blocks);
  }

  /// How a norm is computed.
  public enum NormKind {
    /// `gain · x / √(mean x² + ε)`.
    @JsonProperty("rms")
    RMS,
    /// The same without gain.
    @JsonProperty("rms-without-gain")
    RMS_WITHOUT_GAIN,
    /// `gain · (x − mean x) / √(variance x + ε) + bias`.
    @JsonProperty("layer-norm")
    LAYER_NORM
  }

  /// Where norms stand.
  public enum Placement {
    /// `x += mix(norm(x))`, then `x += mlp(norm(x))`; a norm after the last layer.
    @JsonProperty("pre")
    PRE,
    /// `x = norm(x + mix(x))`, then `x = norm(x + mlp(x))`; a norm after the embedding.
    @JsonProperty("post")
    POST,
    /// `n = norm(x)`, `x += mix(n) + mlp(n)`, as in GPT-J; a norm after the last layer.
    @JsonProperty("parallel")
    PARALLEL,
    /// `x += mix(norm₁(x)) + mlp(norm₂(x))`, as in GPT-NeoX; a norm after the last layer.
    @JsonProperty("parallel-two-norms")
    PARALLEL_TWO_NORMS;

    /// Whether both branches of a block read the stream before it.
    public boolean isParallel() {
      return this == PARALLEL || this == PARALLEL_TWO_NORMS;
    }
  }

  /// What mixes the channels of a token.
  public enum FeedForwardKind {
    /// `down(silu(gate(x)) · up(x))`.
    @JsonProperty("swiglu")
    SWIGLU,
    /// `down(gelu(up(x)))`, with the exact `gelu(x) = x Φ(x)`.
    @JsonProperty("gelu")
    GELU,
    /// The same, with a bias in both projections.
    @JsonProperty("gelu-with-bias")
    GELU_WITH_BIAS
  }

  /// Which tokens a token sees.
  public enum Direction {
    /// Itself and those before it: the model continues texts.
    @JsonProperty("causal")
    CAUSAL,
    /// All of its text: the model fills in masked tokens.
    @JsonProperty("bidirectional")
    BIDIRECTIONAL
  }

  /// What mixes tokens.
  public enum Block {
    /// Attention of several heads.
    @JsonProperty("attention")
    ATTENTION,
    /// The same, with a bias in all four projections, whatever [Architecture#queryKeyBias] says.
    @JsonProperty("attention-with-bias")
    ATTENTION_WITH_BIAS,
    /// A gated attention unit with a softmax ([GatedAttentionUnit]).
    @JsonProperty("gau")
    GAU,
    /// A gated attention unit with squared-relu weights.
    @JsonProperty("gau-squared-relu")
    GAU_SQUARED_RELU,
    /// A linear recurrent unit ([LinearRecurrentUnit]).
    @JsonProperty("lru")
    LRU;

    /// Whether it is attention of several heads.
    public boolean hasHeads() {
      return this == ATTENTION || this == ATTENTION_WITH_BIAS;
    }

    /// Whether it is a gated attention unit, of either kind.
    public boolean isGated() {
      return this == GAU || this == GAU_SQUARED_RELU;
    }
  }

  /// Copies the pattern, which may not be empty.
  public Architecture {
    blocks = List.copyOf(blocks);
    if (blocks.isEmpty()) {
      throw new IllegalArgumentException("a pattern of blocks needs at least one block");
    }
    if (placement.isParallel() && blocks.stream().anyMatch(Block::isGated)) {
      throw new IllegalArgumentException(
          "a gated attention unit has no mlp that could run parallel to it");
    }
    if (direction == Direction.BIDIRECTIONAL && blocks.contains(Block.LRU)) {
      throw new IllegalArgumentException(
          "a linear recurrent unit runs forwards and has no place in a bidirectional model");
    }
  }

  /// The same layers with another direction.
  public Architecture with(Direction other) {
    return new Architecture(norm, placement, feedForward, queryKeyBias, other, blocks);
  }

  /// The same norms and feed-forward blocks around other token mixers.
  public Architecture with(List<Block> others) {
    return new Architecture(norm, placement, feedForward, queryKeyBias, direction, others);
  }

  /// What mixes tokens in `layer`.
  public Block block(int layer) {
    return blocks.get(layer % blocks.size());
  }

  /// Whether its layers have but one head: gated attention units, and none with several heads
  /// beside them.
  public boolean hasOneHead() {
    return blocks.stream().anyMatch(Block::isGated) && blocks.stream().noneMatch(Block::hasHeads);
  }

  /// Whether its tokens see those ahead of them.
  @JsonIgnore // what `direction` says
  public boolean isBidirectional() {
    return direction == Direction.BIDIRECTIONAL;
  }

  /// The architecture of a model, where its layers are made of nothing but what an architecture can
  /// say.
  public static Optional<Architecture> of(ModelSpec spec) {
    List<Block> blocks = new ArrayList<>();
    for (LayerSpec layer : spec.layers()) {
      switch (layer.mixer()) {
        case Mixer.Attention own ->
            blocks.add(
                own.biases().equals(Mixer.Biases.ALL)
                    ? Block.ATTENTION_WITH_BIAS
                    : Block.ATTENTION);
        case Mixer.GatedUnit own ->
            blocks.add(own.weighting() == Weighting.SOFTMAX ? Block.GAU : Block.GAU_SQUARED_RELU);
        case Mixer.Recurrence _ -> blocks.add(Block.LRU);
        case Mixer.LatentAttention _ -> {
          return Optional.empty();
        }
      }
    }
    int inner = innerSize(spec);
    return candidates(spec.direction(), shortest(blocks))
        .filter(architecture -> architecture.describes(spec, inner))
        .findFirst();
  }

  // All that could be meant: few, and told apart by what they make.
  private static Stream<Architecture> candidates(Direction direction, List<Block> blocks) {
    return Arrays.stream(NormKind.values())
        .flatMap(
            norm ->
                Arrays.stream(Placement.values())
                    .filter(
                        placement ->
                            !placement.isParallel() || blocks.stream().noneMatch(Block::isGated))
                    .flatMap(
                        placement ->
                            Arrays.stream(FeedForwardKind.values())
                                .flatMap(
                                    inner ->
                                        Stream.of(false, true)
                                            .map(
                                                bias ->
                                                    new Architecture(
                                                        norm, placement, inner, bias, direction,
                                                        blocks)))));
  }

  private boolean describes(ModelSpec spec, int inner) {
    if (inner <= 0) {
      return false;
    }
    Residual residual = spec.layers().getFirst().residual();
    Sizes sizes =
        new Sizes(
            spec.vocabularySize(),
            spec.hiddenSize(),
            inner,
            residual.mixer().epsilon(),
            spec.head().tied());
    return model(spec.family(), sizes, spec.shape(), spec.declared()).equals(spec);
  }

  private static int innerSize(ModelSpec spec) {
    for (LayerSpec layer : spec.layers()) {
      switch (layer.feedForward()) {
        case FeedForward.Plain plain -> {
          return plain.inner();
        }
        case FeedForward.Gated gated -> {
          return gated.inner();
        }
        case FeedForward.Experts _ -> {
          return 0;
        }
        case FeedForward.None _ -> {}
      }
    }
    return spec.layers().getFirst().mixer() instanceof Mixer.GatedUnit unit ? unit.inner() : 0;
  }

  // The shortest pattern that repeats.
  private static List<Block> shortest(List<Block> blocks) {
    for (int length = 1; length < blocks.size(); length++) {
      int size = length;
      if (IntStream.range(0, blocks.size())
          .allMatch(layer -> blocks.get(layer) == blocks.get(layer % size))) {
        return blocks.subList(0, length);
      }
    }
    return blocks;
  }

  /// The sizes of a model beside those that position methods see.
  ///
  /// @param vocabulary rows of the embedding
  /// @param hidden channels of the residual stream
  /// @param inner inner channels of feed-forward blocks, and of gated attention units
  /// @param epsilon of norms
  /// @param tied whether the embedding is the head as well
  public record Sizes(int vocabulary, int hidden, int inner, double epsilon, boolean tied) {}

  /// The model plan of these layers.
  ///
  /// @param family name of the family that reads it
  /// @param declared the position method that it is trained with
  public ModelSpec model(String family, Sizes sizes, ModelShape shape, PositionMethod declared) {
    boolean post = placement == Placement.POST;
    List<LayerSpec> layers =
        IntStream.range(0, shape.layers()).mapToObj(layer -> layer(layer, sizes, shape)).toList();
    Norm own = norm(sizes.epsilon);
    return new ModelSpec(
        family,
        sizes.vocabulary,
        sizes.hidden,
        Embedding.normed(post ? own : Norm.NONE),
        layers,
        post ? Norm.NONE : own,
        Head.plain(sizes.tied),
        direction,
        shape,
        declared);
  }

  private LayerSpec layer(int layer, Sizes sizes, ModelShape shape) {
    Block block = block(layer);
    Mixer mixer =
        switch (block) {
          case ATTENTION ->
              attention(shape, new Mixer.Biases(queryKeyBias, queryKeyBias, false, false));
          case ATTENTION_WITH_BIAS -> attention(shape, Mixer.Biases.ALL);
          case GAU -> gatedUnit(sizes, shape, Weighting.SOFTMAX);
          case GAU_SQUARED_RELU -> gatedUnit(sizes, shape, Weighting.SQUARED_RELU);
          case LRU -> new Mixer.Recurrence(sizes.hidden);
        };
    return new LayerSpec(
        mixer,
        block.isGated() ? FeedForward.NONE : feedForward(sizes.inner),
        residual(norm(sizes.epsilon)));
  }

  private static Mixer attention(ModelShape shape, Mixer.Biases biases) {
    return Mixer.Attention.plain(shape.heads(), shape.keyValueHeads(), shape.headSize())
        .with(biases);
  }

  private Mixer gatedUnit(Sizes sizes, ModelShape shape, Weighting weighting) {
    return new Mixer.GatedUnit(sizes.inner, shape.headSize(), queryKeyBias, weighting);
  }

  private FeedForward feedForward(int inner) {
    return switch (feedForward) {
      case SWIGLU -> FeedForward.Gated.silu(inner);
      case GELU -> new FeedForward.Plain(inner, Activation.GELU, false);
      case GELU_WITH_BIAS -> new FeedForward.Plain(inner, Activation.GELU, true);
    };
  }

  private Residual residual(Norm own) {
    return switch (placement) {
      case PRE -> Residual.before(own);
      case POST -> Residual.afterSum(own);
      case PARALLEL -> Residual.parallelShared(own);
      case PARALLEL_TWO_NORMS -> Residual.parallel(own);
    };
  }

  private Norm norm(double epsilon) {
    return switch (norm) {
      case RMS -> Norm.rms(epsilon);
      case RMS_WITHOUT_GAIN -> Norm.rms(epsilon).with(false, false);
      case LAYER_NORM -> Norm.layer(epsilon);
    };
  }
}
