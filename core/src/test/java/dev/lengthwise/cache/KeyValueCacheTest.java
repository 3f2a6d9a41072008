package dev.lengthwise.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.Retention;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every key and value of these tests is the position of its token, values with a minus.
class KeyValueCacheTest {

  private static final Retention ALL = new Retention(Bounds.UNBOUNDED, 1);

  private static KeyValueCache cache() {
    return new KeyValueCache(
        new ReferenceAttention().newStore(null, new KeyValueShape(2, 4, CacheType.F32)));
  }

  // A plan whose queries see the first `prefix` keys and the last `window`.
  private static AttentionPlan plan(Retention retention) {
    return new AttentionPlan(
        RotaryTable.NONE,
        List.of(
            Branch.identity(Region.within(Bounds.below(retention.window()))),
            Branch.identity(Region.firstKeys(retention.prefix(), retention.window()))),
        ScoreScale.ONE,
        ScoreBias.NONE,
        QueryKeyMap.IDENTITY);
  }

  private static void append(KeyValueCache cache, int tokens, Retention retention) {
    try (PointerScope _ = new PointerScope()) {
      float[] positions = new float[tokens];
      for (int n = 0; n < tokens; n++) {
        positions[n] = cache.length() + n;
      }
      Tensor keys = Tensor.create(positions, tokens, 1, 1).expand(tokens, 2, 4).contiguous();
      cache.append(keys, keys.neg(), plan(retention));
    }
  }

  /// Positions that are held, each with the key that stands there.
  private static Map<Long, Float> held(KeyValueCache cache) {
    Map<Long, Float> held = new TreeMap<>();
    try (PointerScope _ = new PointerScope()) {
      KeyValueRows rows = cache.content().rows();
      float[] keys = ofRows(rows.keys());
      float[] values = ofRows(rows.values());
      for (KeySpan span : rows.spans()) {
        for (int n = 0; n < span.count(); n++) {
          assertThat(values[span.firstRow() + n]).isEqualTo(-keys[span.firstRow() + n]);
          held.put(span.firstPosition() + n, keys[span.firstRow() + n]);
        }
      }
    }
    assertThat(held).hasSize(cache.held().count());
    return held;
  }

  // The last channel of the last head of every row.
  private static float[] ofRows(Tensor tensor) {
    Tensor last = tensor.select(3, 3).select(2, 1).contiguous();
    float[] values = new float[(int) last.numel()];
    FloatBuffer buffer = last.createBuffer();
    buffer.get(values);
    return values;
  }

  @ParameterizedTest
  @CsvSource({"0,1", "0,5", "3,1", "3,7", "90,10", "5,0", "1,64", "0,200"})
  void everyKeyThatCanBeSeenIsThere(int prefix, int window) {
    Retention retention = new Retention(prefix, window);
    for (int step : new int[] {1, 3, 50}) {
      try (KeyValueCache cache = cache()) {
        while (cache.length() < 400) {
          long before = cache.length();
          append(cache, step, retention);
          assertThat(cache.length()).isEqualTo(before + step);
          Map<Long, Float> held = held(cache);
          held.forEach((position, key) -> assertThat(key).isEqualTo(position.floatValue()));
          for (long position = 0; position < cache.length(); position++) {
            if (position < prefix || position >= retention.firstVisible(before)) {
              assertThat(held).containsKey(position);
            }
          }
        }
        assertThat(cache.held().count()).isLessThanOrEqualTo(prefix + window + step + 3 * 64);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,1", "0,5", "3,1", "3,70", "90,10", "5,0", "0,200"})
  void skippingLeavesWhatAppendingAndForgettingLeaves(int prefix, int window) {
    Retention retention = new Retention(prefix, window);
    for (int query : new int[] {150, 191, 192, 1_000, 5_003}) {
      try (KeyValueCache skipped = cache();
          KeyValueCache written = cache()) {
        append(skipped, 128, retention);
        skipped.skipUnseen(plan(retention), query);
        while (skipped.length() <= query) {
          append(skipped, 1, retention);
        }
        while (written.length() <= query) {
          append(written, 1, retention);
        }
        assertThat(held(skipped)).isEqualTo(held(written));
      }
    }
  }

  @Test
  void nothingIsSkippedThatIsSeenLater() {
    try (KeyValueCache cache = cache()) {
      append(cache, 63, ALL);
      cache.skipUnseen(plan(new Retention(1, 5)), 1_000);
      assertThat(cache.length()).as("the first page is not complete").isEqualTo(63);
      append(cache, 1, ALL);
      cache.skipUnseen(plan(ALL), 1_000);
      assertThat(cache.length()).as("every key is seen").isEqualTo(64);
      cache.mark(0);
      cache.skipUnseen(plan(new Retention(1, 5)), 1_000);
      assertThat(cache.length()).as("the marked point is still read from").isEqualTo(64);
    }
  }

  @Test
  void withoutLimitEveryKeyStays() {
    try (KeyValueCache cache = cache()) {
      for (int step = 1; step < 40; step++) {
        append(cache, step, ALL);
      }
      assertThat(held(cache)).hasSize(39 * 40 / 2);
    }
  }

  @ParameterizedTest
  @CsvSource({"0,1", "0,5", "3,7", "90,10", "0,200"})
  void rewindingBringsBackTheMarkedPoint(int prefix, int window) {
    Retention retention = new Retention(prefix, window);
    for (int marked : new int[] {0, 1, 80, 150}) {
      try (KeyValueCache cache = cache()) {
        if (marked > 0) {
          append(cache, marked, retention);
        }
        cache.mark(0);
        for (int n = 0; n < 170; n++) {
          append(cache, 1, retention);
        }
        assertThat(cache.canRewind(plan(retention), marked)).isTrue();
        cache.rewind(marked);
        assertThat(cache.length()).isEqualTo(marked);
        append(cache, 1, retention);
        Map<Long, Float> held = held(cache);
        for (long position = 0; position <= marked; position++) {
          if (position < prefix || position >= retention.firstVisible(marked)) {
            assertThat(held).containsEntry(position, (float) position);
          }
        }
      }
    }
  }

  @Test
  void withoutAMarkItGoesBackAsFarAsEverythingThatIsSeenIsHeld() {
    Retention retention = new Retention(3, 7);
    try (KeyValueCache cache = cache();
        KeyValueCache whole = cache()) {
      for (int n = 0; n < 300; n++) {
        append(cache, 1, retention);
        append(whole, 1, ALL);
      }
      assertThat(cache.canRewind(plan(retention), 299)).isTrue();
      assertThat(cache.canRewind(plan(retention), 100)).as("its window is gone").isFalse();
      assertThat(whole.canRewind(plan(ALL), 100)).isTrue();
      assertThat(whole.canRewind(plan(ALL), 301)).as("ahead").isFalse();
    }
  }

  @Test
  void aForkSharesItsPagesUntilOneOfBothWritesIntoThem() {
    KeyValueCache cache = cache();
    append(cache, 700, ALL);
    long before = cache.bytes();
    try (KeyValueCache fork = cache.fork()) {
      append(fork, 1, ALL);
      assertThat(cache.bytes()).as("one page of keys and one of values").isLessThan(2 * before);
      cache.rewind(690);
      append(cache, 30, ALL);
      assertThat(held(fork)).hasSize(701);
      assertThat(held(cache)).hasSize(720);
      append(cache, 2000, ALL);
      long both = fork.bytes();
      cache.close();
      assertThat(held(fork)).hasSize(701).containsEntry(700L, 700f);
      assertThat(fork.bytes()).as("pages of the closed one are given back").isLessThan(both);
      assertThat(fork.heldBytes()).isLessThanOrEqualTo(fork.bytes());
      cache.close();
      assertThat(held(fork)).as("closing twice").hasSize(701);
    }
  }

  @Test
  void theMemoryOfAWindowDoesNotGrow() {
    Retention retention = new Retention(4, 32);
    try (KeyValueCache cache = cache()) {
      append(cache, 500, retention); // a prompt at once
      for (int n = 0; n < 200; n++) {
        append(cache, 1, retention);
      }
      long bytes = cache.bytes();
      for (int n = 0; n < 500; n++) {
        append(cache, 1, retention);
      }
      assertThat(cache.bytes()).isEqualTo(bytes);
    }
  }
}
