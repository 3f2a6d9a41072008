package dev.lengthwise.attention;

import dev.lengthwise.position.QueryKeyMap;

/// What happens to single queries and keys before they meet, in place.
final class Rotation {

  private Rotation() {}

  /// `R x`: pair `m`, channels `m` and `m + pairs`, turned by the phases of `token`.
  ///
  /// @param at index of the first channel
  /// @param table `[tokens, 2, pairs]`: for each token all cosines, then all sines
  static void turn(float[] vector, int at, float[] table, int token, int pairs) {
    int cosines = token * 2 * pairs;
    int sines = cosines + pairs;
    for (int pair = 0; pair < pairs; pair++) {
      float low = vector[at + pair];
      float high = vector[at + pairs + pair];
      float cos = table[cosines + pair];
      float sin = table[sines + pair];
      vector[at + pair] = low * cos - high * sin;
      vector[at + pairs + pair] = low * sin + high * cos;
    }
  }

  /// `x / max(‖x‖, MINIMUM_LENGTH)`.
  static void normalise(float[] vector, int at, int size) {
    double squares = 0;
    for (int channel = 0; channel < size; channel++) {
      squares += (double) vector[at + channel] * vector[at + channel];
    }
    double length = Math.max(Math.sqrt(squares), QueryKeyMap.Normalize.MINIMUM_LENGTH);
    for (int channel = 0; channel < size; channel++) {
      vector[at + channel] = (float) (vector[at + channel] / length);
    }
  }
}
