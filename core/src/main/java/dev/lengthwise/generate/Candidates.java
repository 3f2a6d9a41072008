package dev.lengthwise.generate;

import java.util.Arrays;

/// The tokens that may be drawn, with their logits: all of the vocabulary at first, fewer after
/// every step. They are sorted when a step first needs it.
final class Candidates {

  private int[] ids;
  private double[] logits;
  private int count;
  private boolean sorted;

  /// All tokens but those whose logit is −∞.
  Candidates(double[] all) {
    ids = new int[all.length];
    logits = new double[all.length];
    for (int id = 0; id < all.length; id++) {
      if (all[id] > Double.NEGATIVE_INFINITY) {
        ids[count] = id;
        logits[count++] = all[id];
      }
    }
  }

  /// Number of candidates.
  int count() {
    return count;
  }

  /// The token at a rank.
  int id(int rank) {
    return ids[rank];
  }

  /// The logit at a rank.
  double logit(int rank) {
    return logits[rank];
  }

  /// The token with the greatest logit; the first of equals.
  int mostLikely() {
    int greatest = 0;
    for (int n = 1; n < count; n++) {
      greatest = logits[n] > logits[greatest] ? n : greatest;
    }
    return ids[greatest];
  }

  /// Sorts by falling logit, equals by rising id: as whole numbers of the same order, since this
  /// runs for every token and vocabularies are large.
  Candidates sorted() {
    if (sorted) {
      return this;
    }
    long[] keys = new long[count];
    for (int n = 0; n < count; n++) {
      keys[n] = key(n);
    }
    Arrays.sort(keys);
    take(keys, count);
    return this;
  }

  /// Keeps the first of those that [#sorted] would have, sorted, without sorting all the others:
  /// that took a quarter of the time of a token of 110 million weights.
  void keepFirst(int most) {
    if (sorted || most > count / 2) {
      sorted().keep(0, most);
      return;
    }
    int kept = Math.max(1, most);
    long[] keys = new long[2 * kept]; // the best so far, and some that may be better
    int held = 0;
    long worst = Long.MAX_VALUE;
    for (int n = 0; n < count; n++) {
      long key = key(n);
      if (key < worst) {
        keys[held++] = key;
        if (held == keys.length) {
          Arrays.sort(keys);
          held = kept;
          worst = keys[kept - 1];
        }
      }
    }
    Arrays.sort(keys, 0, held);
    take(keys, Math.min(kept, held));
  }

  // Smaller for a greater logit, and among equals for a smaller id; its last half is the index.
  private long key(int n) {
    int bits = Float.floatToIntBits((float) logits[n] + 0f); // −0 becomes 0
    int ascending = bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
    return (long) ~ascending << Integer.SIZE | n;
  }

  private void take(long[] keys, int most) {
    int[] sortedIds = new int[most];
    double[] sortedLogits = new double[most];
    for (int rank = 0; rank < most; rank++) {
      sortedIds[rank] = ids[(int) keys[rank]];
      sortedLogits[rank] = logits[(int) keys[rank]];
    }
    ids = sortedIds;
    logits = sortedLogits;
    count = most;
    sorted = true;
  }

  /// Keeps the candidates at ranks from `from` on, up to `until`, which must be sorted.
  void keep(int from, int until) {
    int first = Math.min(from, count - 1);
    count = Math.max(1, Math.min(until, count) - first);
    if (first > 0) {
      System.arraycopy(ids, first, ids, 0, count);
      System.arraycopy(logits, first, logits, 0, count);
    }
  }

  /// Keeps those at some ranks, in rising order.
  void keep(int... ranks) {
    for (int n = 0; n < ranks.length; n++) {
      ids[n] = ids[ranks[n]];
      logits[n] = logits[ranks[n]];
    }
    count = ranks.length;
  }

  /// Divides all logits.
  void divide(double divisor) {
    for (int n = 0; n < count; n++) {
      logits[n] /= divisor;
    }
  }

  /// Probabilities of the candidates, by rank; sorts them.
  double[] probabilities() {
    sorted();
    double[] shares = new double[count];
    double sum = 0;
    for (int rank = 0; rank < count; rank++) {
      shares[rank] = Math.exp(logits[rank] - logits[0]);
      sum += shares[rank];
    }
    for (int rank = 0; rank < count; rank++) {
      shares[rank] /= sum;
    }
    return shares;
  }
}
