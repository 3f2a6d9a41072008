package dev.lengthwise.model;

/// Which weight of a decoder: the place that it stands at, and which of the numbers there.
///
/// @param slot the place
/// @param layer index of its layer, or [#OUTSIDE]
/// @param expert index of its expert, or [#NONE]
/// @param part which of the numbers
public record WeightId(Slot slot, int layer, int expert, Part part) {

  /// The layer of what is in none.
  public static final int OUTSIDE = -1;

  /// The expert of what belongs to none.
  public static final int NONE = -1;

  /// Which of the numbers at a place.
  public enum Part {
    /// What is multiplied with: a matrix, or the gain of a norm.
    WEIGHT(".weight"),
    /// What is added.
    BIAS(".bias"),
    /// Factors of the queries or keys of a gated attention unit.
    SCALE(".scale"),
    /// What they get added.
    OFFSET(".offset");

    private final String suffix;

    Part(String suffix) {
      this.suffix = suffix;
    }

    /// What the name of a tensor ends with.
    public String suffix() {
      return suffix;
    }
  }

  /// Checks that layer and expert are there where the place has them.
  public WeightId {
    if (slot.isInLayers() != layer >= 0 || slot.isOfExpert() != expert >= 0) {
      throw new IllegalArgumentException(
          "%s has no weight in layer %d of expert %d".formatted(slot, layer, expert));
    }
  }

  /// The weight of a place.
  public static WeightId of(int layer, Slot slot) {
    return new WeightId(slot, layer, NONE, Part.WEIGHT);
  }

  /// The weight of a place outside of layers.
  public static WeightId of(Slot slot) {
    return of(OUTSIDE, slot);
  }

  /// Another part at the same place.
  public WeightId with(Part other) {
    return new WeightId(slot, layer, expert, other);
  }

  /// The name that the weight has here, and in run folders:
  /// `model.layers.3.self_attn.q_proj.weight`.
  public String name() {
    String module = slot.module().replace("%e", Integer.toString(expert));
    String suffix = slot.isBare() ? "" : part.suffix();
    return (layer == OUTSIDE ? "" : "model.layers." + layer + ".") + module + suffix;
  }

  @Override
  public String toString() {
    return name();
  }
}
