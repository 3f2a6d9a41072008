package dev.lengthwise.position;

/// What happens to queries and keys after projection and before rotation.
public sealed interface QueryKeyMap {

  /// Nothing.
  QueryKeyMap IDENTITY = new Normalize(false, false);

  /// Division by the Euclidean length of the head's vector, floored at [#MINIMUM_LENGTH]: `q̂ =
  /// q/‖q‖`, `k̂ = k/‖k‖`.
  ///
  /// Source: J. Su, "Key normalisation" (kexue.fm 9859).
  ///
  /// @param queries whether queries are divided
  /// @param keys whether keys are divided
  record Normalize(boolean queries, boolean keys) implements QueryKeyMap {

    /// Shortest length that a vector is divided by.
    public static final double MINIMUM_LENGTH = 1e-12;
  }
}
