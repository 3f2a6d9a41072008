package dev.lengthwise.position;

import java.util.Arrays;

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

  /// The position of each token of a text, one by one: what training with random positions uses.
  ///
  /// Behind the last, positions go on one by one. Equal by value.
  final class Listed implements PositionMap {

    private final double[] positions;
    private final int hash; // engines look tables up by value

    /// The positions of the tokens 0, 1, …: at least one, and none below the one before.
    public Listed(double... positions) {
      if (positions.length == 0) {
        throw new IllegalArgumentException("a list of positions must not be empty");
      }
      for (int token = 0; token < positions.length; token++) {
        if (!Double.isFinite(positions[token])
            || (token > 0 && positions[token] < positions[token - 1])) {
          throw new IllegalArgumentException(
              "positions must be finite and in order, found " + positions[token]);
        }
      }
      this.positions = positions.clone();
      this.hash = Arrays.hashCode(positions);
    }

    @Override
    public double at(long index) {
      int last = positions.length - 1;
      return index <= last ? positions[(int) index] : positions[last] + (index - last);
    }

    /// Number of tokens.
    public int size() {
      return positions.length;
    }

    @Override
    public boolean equals(Object other) {
      return this == other
          || (other instanceof Listed list && Arrays.equals(positions, list.positions));
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public String toString() {
      return "Listed" + Arrays.toString(positions);
    }
  }

  private static void requirePositive(long size, String what) {
    if (size <= 0) {
      throw new IllegalArgumentException("a " + what + " size must be positive: " + size);
    }
  }
}
