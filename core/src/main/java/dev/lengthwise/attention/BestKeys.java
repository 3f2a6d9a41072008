package dev.lengthwise.attention;

/// The keys with the greatest scores that one row has met, the best first; of equal scores the
/// first in the text.
public final class BestKeys {

  private final float[] scores;
  private final long[] keys;
  private int count;

  /// For at most `most` keys out of `candidates`.
  public BestKeys(long most, long candidates) {
    int capacity = Math.toIntExact(Math.min(most, Math.max(0, candidates)));
    this.scores = new float[capacity];
    this.keys = new long[capacity];
  }

  /// Meets the keys `[firstKey + from, firstKey + until)`.
  ///
  /// @param given whose scores lie from index `at + from` on
  public void take(float[] given, int at, int from, int until, long firstKey) {
    for (int n = from; n < until; n++) {
      float score = given[at + n];
      if (count < scores.length) {
        insert(count++, score, firstKey + n);
      } else if (score > scores[count - 1]) {
        insert(count - 1, score, firstKey + n);
      }
    }
  }

  // Few keys are chosen of many: most scores are compared with the last one alone.
  private void insert(int place, float score, long key) {
    int at = place;
    while (at > 0 && score > scores[at - 1]) {
      scores[at] = scores[at - 1];
      keys[at] = keys[at - 1];
      at--;
    }
    scores[at] = score;
    keys[at] = key;
  }

  /// How many keys are chosen.
  public int count() {
    return count;
  }

  /// Its score, before the softmax.
  public float score(int place) {
    return scores[place];
  }

  /// Index of the key at a place of the choice.
  public long key(int place) {
    return keys[place];
  }
}
