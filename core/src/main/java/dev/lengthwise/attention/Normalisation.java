package dev.lengthwise.attention;

import dev.lengthwise.position.QueryKeyMap;

/// Division of single queries and keys by their length.
final class Normalisation {

  private Normalisation() {}

  /// `x / max(‖x‖, MINIMUM_LENGTH)`.
  static void apply(float[] vector, int at, int size) {
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
