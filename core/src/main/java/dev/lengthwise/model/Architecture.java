package dev.lengthwise.model;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

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
    Norm norm,
    Placement placement,
    FeedForward feedForward,
    boolean queryKeyBias,
    Direction direction,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<Block> blocks) {

  /// Llama's.
  public static final Architecture LLAMA =
      new Architecture(
          Norm.RMS,
          Placement.PRE,
          FeedForward.SWIGLU,
          false,
          Direction.CAUSAL,
          List.of(Block.ATTENTION));

  /// A causal model.
  public Architecture(
      Norm norm,
      Placement placement,
      FeedForward feedForward,
      boolean queryKeyBias,
      List<Block> blocks) {
    this(norm, placement, feedForward, queryKeyBias, Direction.CAUSAL, blocks);
  }

  /// How a norm is computed.
  public enum Norm {
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
  public enum FeedForward {
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

  /// Whether its tokens see those ahead of them.
  public boolean seesBothWays() {
    return direction == Direction.BIDIRECTIONAL;
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

  /// Whether this is Llama's, whatever the pattern of one block is written like.
  public boolean hasLlamaLayers() {
    boolean attention = blocks.stream().allMatch(block -> block == Block.ATTENTION);
    return attention
        && new Architecture(norm, placement, feedForward, queryKeyBias, direction, LLAMA.blocks)
            .equals(LLAMA);
  }
}
