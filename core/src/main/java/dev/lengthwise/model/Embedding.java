package dev.lengthwise.model;

/// How tokens become the stream: `norm(scale · E[token] + P[place])`.
///
/// @param scale factor on rows of the embedding; a head that is tied to it is not scaled
/// @param norm of the sum
/// @param places rows of a table of learned positions `P`; 0 where there is none
public record Embedding(double scale, Norm norm, int places) {

  /// Rows of the embedding as they are.
  public static final Embedding PLAIN = new Embedding(1, Norm.NONE, 0);

  /// Checks the numbers.
  public Embedding {
    if (!(scale > 0) || !Double.isFinite(scale) || places < 0) {
      throw new IllegalArgumentException(
          "an embedding needs a positive scale and no negative number of places");
    }
  }

  /// Rows times a factor.
  public static Embedding scaled(double scale) {
    return new Embedding(scale, Norm.NONE, 0);
  }
}
