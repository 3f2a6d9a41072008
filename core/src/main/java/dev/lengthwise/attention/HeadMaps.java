package dev.lengthwise.attention;

import dev.lengthwise.position.QueryKeyMap;
import java.util.Arrays;

/// Query and key maps on single vectors of one head, for the vector engine.
public final class HeadMaps {

  private HeadMaps() {}

  /// The part of `map` that says what becomes of a key: maps that do the same to keys give the
  /// same.
  public static QueryKeyMap ofKeys(QueryKeyMap map) {
    return switch (map) {
      case QueryKeyMap.Normalize(boolean _, boolean keys) -> new QueryKeyMap.Normalize(false, keys);
      case QueryKeyMap.Cosine _ -> new QueryKeyMap.Normalize(false, true);
      case QueryKeyMap.Collinear collinear -> collinear;
      case QueryKeyMap.Decay decay -> decay;
    };
  }

  /// Replaces a key by `k̂`, before it turns.
  public static void key(QueryKeyMap map, float[] vector, int at, int size) {
    switch (map) {
      case QueryKeyMap.Normalize normalize -> {
        if (normalize.keys()) {
          normalise(vector, at, size, Math.sqrt(size));
        }
      }
      case QueryKeyMap.Cosine _ -> normalise(vector, at, size, Math.sqrt(size));
      case QueryKeyMap.Collinear(boolean slack) -> {
        int half = size / 2;
        for (int pair = at; pair < at + half; pair++) {
          float mean = Math.max(0, (vector[pair] + vector[pair + half]) / 2);
          vector[pair] = mean;
          vector[pair + half] = slack ? mean : 0;
        }
      }
      case QueryKeyMap.Decay _ -> {}
    }
  }

  /// Replaces the query at position `index` by `q̂`, before it turns.
  public static void query(QueryKeyMap map, long index, float[] vector, int at, int size) {
    switch (map) {
      case QueryKeyMap.Normalize normalize -> {
        if (normalize.queries()) {
          normalise(vector, at, size, Math.sqrt(size));
        }
      }
      case QueryKeyMap.Cosine cosine -> normalise(vector, at, size, cosine.lambda().at(index));
      case QueryKeyMap.Collinear(boolean slack) -> {
        if (!slack) {
          int half = size / 2;
          for (int pair = at; pair < at + half; pair++) {
            vector[pair] = vector[pair] * vector[pair] + vector[pair + half] * vector[pair + half];
          }
          Arrays.fill(vector, at + half, at + size, 0);
        }
      }
      case QueryKeyMap.Decay _ -> {}
    }
  }

  // x ← factor · x / max(‖x‖, MINIMUM_LENGTH)
  private static void normalise(float[] vector, int at, int size, double factor) {
    double squares = 0;
    for (int channel = at; channel < at + size; channel++) {
      squares += (double) vector[channel] * vector[channel];
    }
    double by = factor / Math.max(Math.sqrt(squares), QueryKeyMap.MINIMUM_LENGTH);
    for (int channel = at; channel < at + size; channel++) {
      vector[channel] = (float) (vector[channel] * by);
    }
  }
}
