package dev.lengthwise.family;

/// Which channels of a head turn together.
///
/// Engines know the half-split layout only, pairs `(m, m + rotarySize/2)`, which Hugging Face files
/// use. Files of llama2.c, and GGUF files of the architecture `llama`, have interleaved pairs
/// `(2m, 2m + 1)`: the outputs of their query and key projections are put in the other order as
/// they are computed, which changes no score.
public final class RotaryLayout {

  private RotaryLayout() {}

  /// The place in half-split layout of every output of a projection with interleaved pairs.
  ///
  /// @param rotarySize first channels of each head that turn; the others stay where they are
  /// @return a permutation of `heads · headSize` outputs, head by head
  public static int[] halfSplit(int heads, int headSize, int rotarySize) {
    int[] places = new int[heads * headSize];
    for (int output = 0; output < places.length; output++) {
      int channel = output % headSize;
      int place = channel < rotarySize ? channel / 2 + channel % 2 * (rotarySize / 2) : channel;
      places[output] = output - channel + place;
    }
    return places;
  }
}
