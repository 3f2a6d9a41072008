package dev.lengthwise.tokenizer.train;

import dev.lengthwise.tokenizer.ByteLevel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// The loop of BPE training: keeps, for every pair of neighbouring symbols, how often it occurs and
/// in which words, and looks only at those words when the pair is merged.
final class PairMerger {

  /// A pair that occurs once is not worth a token.
  private static final long FEWEST = 2;

  private final int[][] words;
  private final long[] occurrences;
  private final Map<Long, Pair> pairs = new HashMap<>();
  private final List<String> spellings = new ArrayList<>();
  private final Set<String> spelled = new HashSet<>();

  /// Starts from the bytes of the words.
  ///
  /// @param counts how often each word occurs
  PairMerger(Map<String, Long> counts) {
    words = new int[counts.size()][];
    occurrences = new long[counts.size()];
    int next = 0;
    for (Map.Entry<String, Long> entry : counts.entrySet()) {
      byte[] utf8 = entry.getKey().getBytes(StandardCharsets.UTF_8);
      int[] symbols = new int[utf8.length];
      for (int i = 0; i < utf8.length; i++) {
        symbols[i] = utf8[i] & 0xFF;
      }
      words[next] = symbols;
      occurrences[next] = entry.getValue();
      next++;
    }
    for (int value = 0; value < TrainedTokenizer.BYTES; value++) {
      spellings.add(String.valueOf(ByteLevel.character(value)));
    }
    for (int word = 0; word < words.length; word++) {
      for (int i = 0; i + 1 < words[word].length; i++) {
        pair(words[word][i], words[word][i + 1]).add(occurrences[word], word);
      }
    }
  }

  /// Makes at most `wanted` merges, the most frequent pair first.
  ///
  /// After the merge that created a pair, its count can only fall. So a queue entry is either true
  /// or too high, and one that is too high goes back with the true count when it is met. A pair
  /// that spells an existing symbol in another way is passed over, so that every symbol is one
  /// token.
  List<TrainedTokenizer.Merge> run(int wanted) {
    PriorityQueue<Candidate> queue = new PriorityQueue<>();
    pairs.forEach((key, pair) -> queue.add(new Candidate(pair.count, key)));
    List<TrainedTokenizer.Merge> merges = new ArrayList<>();
    while (merges.size() < wanted && !queue.isEmpty()) {
      Candidate best = queue.remove();
      Pair pair = pairs.get(best.key);
      if (pair == null || pair.count < FEWEST) {
        pairs.remove(best.key);
      } else if (pair.count < best.count) {
        queue.add(new Candidate(pair.count, best.key));
      } else if (!spelled.add(spelling(best.merge()))) {
        pairs.remove(best.key);
      } else {
        TrainedTokenizer.Merge merge = best.merge();
        spellings.add(spelling(merge));
        int merged = TrainedTokenizer.BYTES + merges.size();
        merges.add(merge);
        pairs.remove(best.key);
        Map<Long, Pair> created = new HashMap<>();
        for (int i = 0; i < pair.size; i++) {
          replace(pair.words[i], merge, merged, created);
        }
        created.forEach((key, made) -> queue.add(new Candidate(made.count, key)));
      }
    }
    return merges;
  }

  /// Merges the pair inside one word, counting the old pairs of the word off and the new ones in.
  private void replace(
      int word, TrainedTokenizer.Merge merge, int merged, Map<Long, Pair> created) {
    int[] before = words[word];
    int[] after = merge.apply(before, merged);
    if (after.length == before.length) {
      return;
    }
    for (int i = 0; i + 1 < before.length; i++) {
      Pair pair = pairs.get(key(before[i], before[i + 1]));
      if (pair != null) {
        pair.count -= occurrences[word];
      }
    }
    for (int i = 0; i + 1 < after.length; i++) {
      if (after[i] == merged || after[i + 1] == merged) {
        Pair pair = pair(after[i], after[i + 1]);
        pair.add(occurrences[word], word);
        created.put(key(after[i], after[i + 1]), pair);
      } else {
        Pair pair = pairs.get(key(after[i], after[i + 1]));
        if (pair != null) {
          pair.count += occurrences[word];
        }
      }
    }
    words[word] = after;
  }

  private String spelling(TrainedTokenizer.Merge merge) {
    return spellings.get(merge.left()) + spellings.get(merge.right());
  }

  private Pair pair(int left, int right) {
    return pairs.computeIfAbsent(key(left, right), key -> new Pair());
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  /// How often a pair occurs, and the words that hold it or once held it.
  private static final class Pair {
    private long count;
    private int[] words = new int[2];
    private int size;

    void add(long occurrences, int word) {
      count += occurrences;
      if (size > 0 && words[size - 1] == word) {
        return;
      }
      if (size == words.length) {
        words = Arrays.copyOf(words, size + size / 2 + 1);
      }
      words[size++] = word;
    }
  }

  /// A pair in the queue: the highest count first, then the smallest symbols.
  private record Candidate(long count, long key) implements Comparable<Candidate> {

    TrainedTokenizer.Merge merge() {
      return new TrainedTokenizer.Merge((int) (key >>> 32), (int) key);
    }

    @Override
    public int compareTo(Candidate other) {
      return count != other.count ? Long.compare(other.count, count) : Long.compare(key, other.key);
    }
  }
}
