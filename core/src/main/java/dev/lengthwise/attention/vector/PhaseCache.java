package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.Rotation;
import dev.lengthwise.cache.PageLayout;
import dev.lengthwise.position.PositionMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Cosines and sines of `position · θ` for blocks of consecutive tokens, with the factors of a
/// decay counted from the first token of the block: computed in double, kept as floats, shared by
/// all layers, heads and steps.
///
/// A text under a window goes on to new blocks for ever and never comes back to the old ones, so
/// blocks that nobody has asked for lately are forgotten: memory stays as it is, however long the
/// text. What is returned never depends on what is held.
final class PhaseCache {

  /// Tokens in a block: those of a page.
  static final int BLOCK = PageLayout.KEYS;

  private static final long MAXIMUM_FLOATS = 1L << 26;

  /// A block is forgotten that nobody has asked for while so many others were computed, at first.
  /// Few: what lives on until the garbage collector calls it old stays resident for long after.
  static final int LEAST_IDLE = 64;

  /// The same at most: keys that turn when they are read ask for all blocks of a text in turn.
  private static final int MOST_IDLE = 4096;

  /// Fewer blocks than this are never looked through.
  static final int FEW_BLOCKS = 2 * LEAST_IDLE;

  private record Key(Rotation rotation, long block, boolean byToken) {}

  private static final class Known {
    final float[] phases;
    volatile long lastUse; // how many were computed then

    Known(float[] phases, long now) {
      this.phases = phases;
      this.lastUse = now;
    }
  }

  private final ConcurrentMap<Key, Known> blocks = new ConcurrentHashMap<>();
  private final AtomicLong computed = new AtomicLong();
  private final AtomicInteger idle = new AtomicInteger(LEAST_IDLE);
  private final AtomicLong last = new AtomicLong(); // the last block of the longest text

  // So many blocks are looked through before another comes.
  private final AtomicInteger lookThroughAt = new AtomicInteger(FEW_BLOCKS);

  /// Blocks that are held.
  int size() {
    return blocks.size();
  }

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
    Known known = blocks.get(key);
    if (known == null) {
      long now = computed.incrementAndGet();
      comesBack(block);
      forget(now, rotation.rotary().pairs());
      known = new Known(compute(rotation, block, byToken), now);
      blocks.put(key, known);
    } else if (known.lastUse != computed.get()) { // threads share it: they write seldom
      known.lastUse = computed.get();
    }
    return known.phases;
  }

  // Where somebody comes back to a block that was forgotten, blocks are kept longer from then on.
  private void comesBack(long block) {
    long longest = last.accumulateAndGet(block, Math::max);
    if (block < longest - idle.get()) {
      idle.updateAndGet(most -> Math.min(2 * most, MOST_IDLE));
    }
  }

  private void forget(long now, int pairs) {
    long room = MAXIMUM_FLOATS / (BLOCK * 2L * Math.max(1, pairs));
    if (blocks.size() < Math.min(lookThroughAt.get(), room)) {
      return;
    }
    long oldest = now - idle.get();
    blocks.values().removeIf(known -> known.lastUse < oldest);
    if (blocks.size() >= room) {
      blocks.clear();
    }
    lookThroughAt.set(Math.max(FEW_BLOCKS, 2 * blocks.size()));
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
