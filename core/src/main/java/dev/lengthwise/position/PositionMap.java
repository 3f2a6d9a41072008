package dev.lengthwise.position;

/// The real-valued position that a branch gives to the token at an index: `φ` for queries, `ψ` for
/// keys.
public sealed interface PositionMap {

  /// Every token stands at its index.
  PositionMap IDENTITY = new Divided(1, 0);

  /// The position of the token at `index`.
  double at(long index);

  /// `index / divisor + offset`.
  record Divided(double divisor, double offset) implements PositionMap {

    /// Checks the divisor.
    public Divided {
      if (!(divisor > 0)) {
        throw new IllegalArgumentException("a position divisor must be positive: " + divisor);
      }
    }

    @Override
    public double at(long index) {
      return index / divisor + offset;
    }
  }

  /// The same position for every token.
  record Fixed(double position) implements PositionMap {

    @Override
    public double at(long index) {
      return position;
    }
  }

  /// `⌊index / size⌋ + offset`.
  record Grouped(long size, double offset) implements PositionMap {

    /// Checks the group size.
    public Grouped {
      requirePositive(size, "group");
    }

    @Override
    public double at(long index) {
      return Math.floorDiv(index, size) + offset;
    }
  }

  /// `min(index mod size + offset, ceiling)`.
  record Chunked(long size, double offset, double ceiling) implements PositionMap {

    /// Checks the chunk size.
    public Chunked {
      requirePositive(size, "chunk");
    }

    @Override
    public double at(long index) {
      return Math.min(Math.floorMod(index, size) + offset, ceiling);
    }
  }

  /// `min(index, ceiling)`.
  record Capped(double ceiling) implements PositionMap {

    @Override
    public double at(long index) {
      return Math.min((double) index, ceiling);
    }
  }

  private static void requirePositive(long size, String what) {
    if (size <= 0) {
      throw new IllegalArgumentException("a " + what + " size must be positive: " + size);
    }
  }
}
