package dev.lengthwise.model;

/// How tokens become the stream: `norm(scale · E[token] + P[first + place] + T[type])`.
///
/// @param scale factor on rows of the embedding; a head that is tied to it is not scaled
/// @param norm of the sum
/// @param places rows of a table of learned positions `P`; 0 where there is none
/// @param firstPlace the row of the first token: RoBERTa leaves out the rows of its padding
/// @param types rows of a table `T` of the kinds of tokens, such as those of the second of two
///     texts; 0 where there is none
/// @param hierarchy `α` of places beyond the table; 0 where there are none. Of `n` learned places
///     `p`, place `i n + j` is `α u_i + (1 − α) u_j`, where `u_i = (p_i − α p_0) / (1 − α)`: that
///     is `p_j + α / (1 − α) · (p_i − p_0)`. The first `n` stay, and `n²` can be told apart. From
///     J. Su, kexue.fm 7947, with `α = 0.4`
public record Embedding(
    double scale, Norm norm, int places, int firstPlace, int types, double hierarchy) {

  /// Rows of the embedding as they are.
  public static final Embedding PLAIN = scaled(1);

  /// Checks the numbers.
  public Embedding {
    if (!(scale > 0) || !Double.isFinite(scale) || places < 0 || types < 0) {
      throw new IllegalArgumentException(
          "an embedding needs a positive scale and no negative number of places or types");
    }
    if (firstPlace < 0 || (firstPlace > 0 && firstPlace >= places)) {
      throw new IllegalArgumentException(
          "the first token stands at row %d of a table of %d places".formatted(firstPlace, places));
    }
    if (!(hierarchy >= 0 && hierarchy < 1) || hierarchy == 0.5) {
      throw new IllegalArgumentException(
          "α of hierarchical places lies between 0 and 1 and is not 0.5: " + hierarchy);
    }
  }

  /// Rows times a factor.
  public static Embedding scaled(double scale) {
    return new Embedding(scale, Norm.NONE, 0, 0, 0, 0);
  }

  /// Rows with a norm of their own.
  public static Embedding normed(Norm norm) {
    return new Embedding(1, norm, 0, 0, 0, 0);
  }

  /// The same with a table of learned positions.
  ///
  /// @param first the row of the first token
  public Embedding withPlaces(int rows, int first) {
    return new Embedding(scale, norm, rows, first, types, hierarchy);
  }

  /// The same with a table of types.
  public Embedding withTypes(int rows) {
    return new Embedding(scale, norm, places, firstPlace, rows, hierarchy);
  }

  /// The same with places beyond the table.
  ///
  /// @param alpha see the parameter `hierarchy`
  public Embedding withHierarchy(double alpha) {
    return new Embedding(scale, norm, places, firstPlace, types, alpha);
  }

  /// Learned positions of a text.
  public int learned() {
    return places - firstPlace;
  }

  /// The longest text that there are positions for.
  public int longest() {
    return hierarchy == 0
        ? learned()
        : (int) Math.min(Integer.MAX_VALUE, (long) learned() * learned());
  }
}
