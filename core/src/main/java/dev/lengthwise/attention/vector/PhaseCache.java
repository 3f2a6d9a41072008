package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.Rotation;
import dev.lengthwise.cache.PageLayout;
import dev.lengthwise.position.PositionMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Cosines and sines of `position · θ` for blocks of consecutive tokens, with the factors of a
/// decay counted from the first token of the block: computed in double, kept as floats, shared by
/// all layers, heads and steps.
///
/// What it returns never depends on what it holds: when it is full it is emptied.
final class PhaseCache {

  /// Tokens in a block: those of a page.
  static final int BLOCK = PageLayout.KEYS;

  private static final long MAXIMUM_FLOATS = 1L << 26;

  private record Key(Rotation rotation, long block, boolean byToken) {}

  private final ConcurrentMap<Key, float[]> blocks = new ConcurrentHashMap<>();

  /// Phases of tokens `[block · BLOCK, (block + 1) · BLOCK)`, one token after the other.
  ///
  /// @return `[BLOCK, 2, pairs]`: for each token all cosines, then all sines
  float[] byToken(Rotation rotation, long block) {
    return block(rotation, block, true);
  }

  /// The same phases, one pair after the other.
  ///
  /// @return `[2, pairs, BLOCK]`: the cosines of all pairs, then the sines
  float[] byPair(Rotation rotation, long block) {
    return block(rotation, block, false);
  }

  private float[] block(Rotation rotation, long block, boolean byToken) {
    // Every token of a fixed map has the same phases: one block serves all.
    Key key =
        new Key(rotation, rotation.places() instanceof PositionMap.Fixed ? 0 : block, byToken);
    float[] known = blocks.get(key);
    if (known != null) {
      return known;
    }
    if ((long) blocks.size() * BLOCK * 2 * Math.max(1, rotation.rotary().pairs())
        > MAXIMUM_FLOATS) {
      blocks.clear();
    }
    float[] computed = compute(rotation, block, byToken);
    blocks.put(key, computed);
    return computed;
  }

  private static float[] compute(Rotation rotation, long block, boolean byToken) {
    int pairs = rotation.rotary().pairs();
    int tokenStep = byToken ? 2 * pairs : 1;
    int pairStep = byToken ? 1 : BLOCK;
    int sines = byToken ? pairs : pairs * BLOCK;
    float[] phases = new float[BLOCK * 2 * pairs];
    double origin = rotation.places().at(block * BLOCK);
    for (int token = 0; token < BLOCK; token++) {
      double position = rotation.places().at(block * BLOCK + token);
      for (int pair = 0; pair < pairs; pair++) {
        double angle = position * rotation.rotary().frequency(pair);
        double factor = rotation.factor(pair, position - origin);
        int at = token * tokenStep + pair * pairStep;
        phases[at] = (float) (factor * Math.cos(angle));
        phases[at + sines] = (float) (factor * Math.sin(angle));
      }
    }
    return phases;
  }
}
