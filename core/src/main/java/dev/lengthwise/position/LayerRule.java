package dev.lengthwise.position;

/// What one layer of a model sees and how it rotates, in models whose layers differ.
///
/// What a chosen method may change follows from it ([PositionMethod#partsOn]): methods are made for
/// layers that see everything; a layer that sees only the last tokens never gets beyond the lengths
/// that it knows.
public sealed interface LayerRule {

  /// A layer as the base method of the model has it.
  record Global() implements LayerRule {}

  /// A layer that sees everything and does not rotate: SmolLM3, Cohere 2, Llama 4, EXAONE 4.
  record Unrotated() implements LayerRule {}

  /// A layer that sees only some last tokens: Gemma 2 and 3, OLMo 3, GPT-OSS, Cohere 2.
  ///
  /// @param region the pairs of queries and keys that it sees
  /// @param rotation how it rotates
  record Local(Region region, Rotation rotation) implements LayerRule {

    /// Checks that the layer is local.
    public Local {
      if (region.ahead() || region.retention().keepsAll()) {
        throw new IllegalArgumentException("a local layer must not see every key");
      }
    }

    /// A layer whose query `i` sees key `j` where `0 <= i − j < window`, and that rotates as the
    /// base method says.
    public static Local window(long window) {
      return new Local(Region.within(Bounds.below(window)), new Rotation.OfBase());
    }

    /// A layer whose queries see the keys of their own chunk, and that rotates as the base method
    /// says: Llama 4.
    public static Local chunks(long size) {
      return new Local(Region.chunks(size, Bounds.below(1)), new Rotation.OfBase());
    }

    /// The same layer with the plain frequencies of its own `base`, without the scaling and the
    /// temperature of the base method: Gemma 3, OLMo 3.
    public Local withPlainRotary(double base) {
      return new Local(region, new Rotation.Plain(base));
    }

    /// The same layer without rotation.
    public Local unrotated() {
      return new Local(region, new Rotation.None());
    }
  }

  /// How a local layer rotates.
  sealed interface Rotation {

    /// As the base method of the model says.
    record OfBase() implements Rotation {}

    /// By `base^(−2m/rotarySize)`.
    record Plain(double base) implements Rotation {

      /// Checks the base.
      public Plain {
        if (!(base > 1)) {
          throw new IllegalArgumentException("a rotary base must be above 1: " + base);
        }
      }
    }

    /// Not at all.
    record None() implements Rotation {}
  }

  /// Whether the layer of a rotary model rotates.
  default boolean rotates() {
    return switch (this) {
      case Global _ -> true;
      case Unrotated _ -> false;
      case Local(Region _, Rotation rotation) -> !(rotation instanceof Rotation.None);
    };
  }

  /// The model as this layer sees it: with the base of its own frequencies.
  default ModelShape shapeOf(ModelShape shape) {
    return this instanceof Local(Region _, Rotation.Plain(double base)) && shape.hasRotary()
        ? shape.withRotaryBase(base)
        : shape;
  }
}
