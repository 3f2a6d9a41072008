package dev.lengthwise.model;

import dev.lengthwise.position.ScoreScale;
import dev.lengthwise.position.Weighting;

/// What mixes tokens in a layer. Where tokens stand, and which of them are seen, is in the plan of
/// the layer and not here.
public sealed interface Mixer {

  /// Attention of several heads, with one projection each for queries, keys, values and outputs.
  ///
  /// Projected vectors are clamped and normed; then they turn.
  ///
  /// @param heads query heads
  /// @param keyValueHeads key and value heads; divides `heads`
  /// @param headSize channels of a query and a key
  /// @param valueSize channels of a value
  /// @param biases which projections have one
  /// @param norm of queries and keys
  /// @param clamp bound of the numbers of queries, keys and values
  /// @param scores what the layer itself does to scores
  record Attention(
      int heads,
      int keyValueHeads,
      int headSize,
      int valueSize,
      Biases biases,
      HeadNorm norm,
      Clamp clamp,
      Scores scores)
      implements Mixer {

    /// Checks the numbers.
    public Attention {
      if (heads <= 0 || keyValueHeads <= 0 || heads % keyValueHeads != 0) {
        throw new IllegalArgumentException(
            "%d heads cannot share %d key-value heads".formatted(heads, keyValueHeads));
      }
      if (headSize <= 0 || valueSize <= 0) {
        throw new IllegalArgumentException("the sizes of a head must be positive");
      }
    }

    /// Plain attention: no biases, no norms.
    public static Attention plain(int heads, int keyValueHeads, int headSize) {
      return new Attention(
          heads,
          keyValueHeads,
          headSize,
          headSize,
          Biases.NONE,
          HeadNorm.NONE,
          Clamp.NONE,
          Scores.PLAIN);
    }

    /// The same with these biases.
    public Attention with(Biases other) {
      return new Attention(heads, keyValueHeads, headSize, valueSize, other, norm, clamp, scores);
    }

    /// The same with this norm of queries and keys.
    public Attention with(HeadNorm other) {
      return new Attention(heads, keyValueHeads, headSize, valueSize, biases, other, clamp, scores);
    }

    /// The same with this rule of scores.
    public Attention with(Scores other) {
      return new Attention(heads, keyValueHeads, headSize, valueSize, biases, norm, clamp, other);
    }

    /// The same with this bound of queries, keys and values.
    public Attention with(Clamp other) {
      return new Attention(heads, keyValueHeads, headSize, valueSize, biases, norm, other, scores);
    }
  }

  /// Attention whose keys and values are projected from one small vector of a token (DeepSeek-AI
  /// 2024, "DeepSeek-V2"):
  ///
  ///     c = norm(W_c x)          [keyRank]        k_h = [R(W_r x), K_h c],   v_h = V_h c
  ///     q_h = [R(Q_rh b), Q_h b],   b = norm(W_b x) [queryRank], or x where `queryRank` is 0
  ///
  /// `R` turns channels by their position; here they are the first of a head, as everywhere.
  ///
  /// @param heads query heads, each with a key and a value of its own
  /// @param queryRank channels that queries are projected from; 0 for the stream itself
  /// @param keyRank channels that keys and values are projected from
  /// @param stillSize channels of a query that do not turn
  /// @param rotarySize channels that turn; those of keys are one vector for all heads
  /// @param valueSize channels of a value
  /// @param biased whether the small vectors, the channels of keys that turn, and outputs have
  ///     biases
  /// @param norm of both small vectors
  record LatentAttention(
      int heads,
      int queryRank,
      int keyRank,
      int stillSize,
      int rotarySize,
      int valueSize,
      boolean biased,
      Norm norm)
      implements Mixer {

    /// Checks the numbers.
    public LatentAttention {
      if (heads <= 0
          || queryRank < 0
          || keyRank <= 0
          || stillSize <= 0
          || rotarySize <= 0
          || valueSize <= 0) {
        throw new IllegalArgumentException("the sizes of latent attention must be positive");
      }
    }

    /// Channels of a query and a key.
    public int headSize() {
      return rotarySize + stillSize;
    }
  }

  /// A gated attention unit of one head, which needs no feed-forward block ([GatedAttentionUnit]).
  ///
  /// @param inner channels of gates and values
  /// @param headSize channels of queries and keys
  /// @param offsets whether queries and keys have trained offsets
  /// @param weighting how scores become weights
  record GatedUnit(int inner, int headSize, boolean offsets, Weighting weighting)
      implements Mixer {}

  /// A linear recurrent unit ([LinearRecurrentUnit]).
  ///
  /// @param channels complex channels of the state
  record Recurrence(int channels) implements Mixer {}

  /// Which projections of attention have a bias.
  ///
  /// @param query of queries
  /// @param key of keys
  /// @param value of values
  /// @param output of outputs
  record Biases(boolean query, boolean key, boolean value, boolean output) {

    /// None.
    public static final Biases NONE = new Biases(false, false, false, false);

    /// All four.
    public static final Biases ALL = new Biases(true, true, true, true);

    /// Queries, keys and values.
    public static final Biases INPUTS = new Biases(true, true, true, false);
  }

  /// A norm of queries and keys, before they turn.
  ///
  /// @param norm how it is computed
  /// @param extent of what
  record HeadNorm(Norm norm, Extent extent) {

    /// No norm.
    public static final HeadNorm NONE = new HeadNorm(Norm.NONE, Extent.HEAD);

    /// What is normed.
    public enum Extent {
      /// The vector of each head; all heads share the trained numbers.
      HEAD,
      /// The vector of each head, which has trained numbers of its own.
      EACH_HEAD,
      /// The vectors of all heads as one.
      WHOLE
    }

    /// Trained numbers of a norm over `heads` heads.
    public int size(int heads, int headSize) {
      return extent == Extent.HEAD ? headSize : heads * headSize;
    }
  }

  /// A bound of queries, keys and values: every number is brought within `[−bound, bound]`.
  ///
  /// @param bound 0 for none
  /// @param afterNorm whether queries and keys are normed before they are clamped, not after
  record Clamp(double bound, boolean afterNorm) {

    /// No bound.
    public static final Clamp NONE = new Clamp(0, false);

    /// Checks the number.
    public Clamp {
      if (!(bound >= 0) || !Double.isFinite(bound)) {
        throw new IllegalArgumentException("a bound of queries must be at least 0: " + bound);
      }
    }

    /// Whether there is one.
    public boolean exists() {
      return bound > 0;
    }
  }

  /// What a layer itself does to scores, whatever the position method.
  ///
  /// @param scale beside `1/√headSize`
  /// @param cap bound of scores; 0 for none
  /// @param sinks whether each head has a trained score that takes part in the sum of the softmax
  record Scores(ScoreScale scale, double cap, boolean sinks) {

    /// Nothing.
    public static final Scores PLAIN = new Scores(ScoreScale.ONE, 0, false);

    /// A constant factor beside `1/√headSize`.
    public static Scores scaled(double factor) {
      return new Scores(new ScoreScale.Constant(factor), 0, false);
    }
  }
}
