package dev.lengthwise.position;

/// What a position method may know of a model.
///
/// @param layers number of attention layers
/// @param heads query heads of a layer
/// @param keyValueHeads key and value heads of a layer; divides `heads`
/// @param headSize channels of a head
/// @param rotarySize channels of a head that turn; 0 for a model without rotary positions
/// @param rotaryBase base of the frequencies that the model was trained with, before any scaling
/// @param trainedLength tokens that the model was trained at
public record ModelShape(
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int rotarySize,
    double rotaryBase,
    long trainedLength) {

  /// Checks the numbers against one another.
  public ModelShape {
    require(
        layers > 0 && heads > 0 && headSize > 0, "layers, heads and head size must be positive");
    require(
        keyValueHeads > 0 && heads % keyValueHeads == 0,
        "the number of key-value heads must divide the number of heads");
    require(
        rotarySize >= 0 && rotarySize % 2 == 0 && rotarySize <= headSize,
        "the rotary size must be even and at most the head size");
    require(rotarySize == 0 || rotaryBase > 1, "the rotary base must be above 1");
    require(trainedLength > 0, "the trained length must be positive");
  }

  /// Whether queries and keys turn with their positions.
  public boolean hasRotary() {
    return rotarySize > 0;
  }

  /// The frequencies without any scaling: `base^(−2m/rotarySize)`.
  public RotaryTable plainRotary() {
    return RotaryTable.geometric(rotaryBase, rotarySize);
  }

  /// The same model with another trained length.
  public ModelShape withTrainedLength(long length) {
    return new ModelShape(layers, heads, keyValueHeads, headSize, rotarySize, rotaryBase, length);
  }

  /// The same model with another base of its frequencies.
  public ModelShape withRotaryBase(double base) {
    return new ModelShape(layers, heads, keyValueHeads, headSize, rotarySize, base, trainedLength);
  }

  private static void require(boolean condition, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(rule);
    }
  }
}
