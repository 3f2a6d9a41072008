package dev.lengthwise.attention;

import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.RotaryTable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Cosines and sines of `position · θ` for blocks of consecutive tokens: computed in double, kept
/// as floats, shared by all layers, heads and steps.
///
/// What it returns never depends on what it holds: when it is full it is emptied.
final class PhaseCache {

  /// Tokens in a block.
  static final int BLOCK = 64;

  private static final long MAXIMUM_FLOATS = 1L << 26;

  private record Key(RotaryTable rotary, PositionMap map, long block) {}

  private final ConcurrentMap<Key, float[]> blocks = new ConcurrentHashMap<>();

  /// Phases of tokens `[block · BLOCK, (block + 1) · BLOCK)`.
  ///
  /// @return `[BLOCK, 2, pairs]`: for each token all cosines, then all sines
  float[] block(RotaryTable rotary, PositionMap map, long block) {
    // Every token of a fixed map has the same phases: one block serves all.
    Key key = new Key(rotary, map, map instanceof PositionMap.Fixed ? 0 : block);
    float[] known = blocks.get(key);
    if (known != null) {
      return known;
    }
    if ((long) blocks.size() * BLOCK * 2 * Math.max(1, rotary.pairs()) > MAXIMUM_FLOATS) {
      blocks.clear();
    }
    float[] computed = compute(rotary, map, block);
    blocks.put(key, computed);
    return computed;
  }

  private static float[] compute(RotaryTable rotary, PositionMap map, long block) {
    int pairs = rotary.pairs();
    float[] phases = new float[BLOCK * 2 * pairs];
    for (int token = 0; token < BLOCK; token++) {
      double position = map.at(block * BLOCK + token);
      int cosines = token * 2 * pairs;
      for (int pair = 0; pair < pairs; pair++) {
        double angle = position * rotary.frequency(pair);
        phases[cosines + pair] = (float) Math.cos(angle);
        phases[cosines + pairs + pair] = (float) Math.sin(angle);
      }
    }
    return phases;
  }
}
