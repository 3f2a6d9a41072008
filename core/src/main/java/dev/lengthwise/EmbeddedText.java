package dev.lengthwise;

/// A text as a vector.
///
/// @param vector its numbers
/// @param tokens of the text, with its prompt and the marks of the model
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record EmbeddedText(float[] vector, int tokens) {

  /// The cosine of the angle to another vector of the same model: 1 for the same direction.
  public double cosine(EmbeddedText other) {
    double product = 0;
    double own = 0;
    double others = 0;
    for (int n = 0; n < vector.length; n++) {
      product += (double) vector[n] * other.vector[n];
      own += (double) vector[n] * vector[n];
      others += (double) other.vector[n] * other.vector[n];
    }
    return product == 0 ? 0 : product / Math.sqrt(own * others);
  }
}
