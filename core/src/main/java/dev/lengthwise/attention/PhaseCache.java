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

  /// Tokens in a block: those of a page.
  static final int BLOCK = PageLayout.KEYS;

  private static final long MAXIMUM_FLOATS = 1L << 26;

  private record Key(RotaryTable rotary, PositionMap map, long block, boolean byToken) {}

  private final ConcurrentMap<Key, float[]> blocks = new ConcurrentHashMap<>();

  /// Phases of tokens `[block · BLOCK, (block + 1) · BLOCK)`, one token after the other.
  ///
  /// @return `[BLOCK, 2, pairs]`: for each token all cosines, then all sines
  float[] byToken(RotaryTable rotary, PositionMap map, long block) {
    return block(rotary, map, block, true);
  }

  /// The same phases, one pair after the other.
  ///
  /// @return `[2, pairs, BLOCK]`: the cosines of all pairs, then the sines
  float[] byPair(RotaryTable rotary, PositionMap map, long block) {
    return block(rotary, map, block, false);
  }

  private float[] block(RotaryTable rotary, PositionMap map, long block, boolean byToken) {
    // Every token of a fixed map has the same phases: one block serves all.
    Key key = new Key(rotary, map, map instanceof PositionMap.Fixed ? 0 : block, byToken);
    float[] known = blocks.get(key);
    if (known != null) {
      return known;
    }
    if ((long) blocks.size() * BLOCK * 2 * Math.max(1, rotary.pairs()) > MAXIMUM_FLOATS) {
      blocks.clear();
    }
    float[] computed = compute(rotary, map, block, byToken);
    blocks.put(key, computed);
    return computed;
  }

  private static float[] compute(RotaryTable rotary, PositionMap map, long block, boolean byToken) {
    int pairs = rotary.pairs();
    int tokenStep = byToken ? 2 * pairs : 1;
    int pairStep = byToken ? 1 : BLOCK;
    int sines = byToken ? pairs : pairs * BLOCK;
    float[] phases = new float[BLOCK * 2 * pairs];
    for (int token = 0; token < BLOCK; token++) {
      double position = map.at(block * BLOCK + token);
      for (int pair = 0; pair < pairs; pair++) {
        double angle = position * rotary.frequency(pair);
        int at = token * tokenStep + pair * pairStep;
        phases[at] = (float) Math.cos(angle);
        phases[at + sines] = (float) Math.sin(angle);
      }
    }
    return phases;
  }
}
