package dev.lengthwise.evaluate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How alike two sequences of tokens are: ROUGE-L and BLEU, over token ids.
///
/// Ids of a model's tokenizer stand for words: the numbers compare methods on one model and mean
/// nothing between models.
final class TokenOverlap {

  private static final int LONGEST_GRAM = 4;

  private TokenOverlap() {}

  /// ROUGE-L: `F1 = 2 · |LCS| / (|candidate| + |reference|)` of the longest common subsequence.
  ///
  /// Source: Lin 2004, with equal weights of precision and recall.
  static double rougeL(int[] candidate, int[] reference) {
    int both = candidate.length + reference.length;
    return both == 0 ? 0 : 2.0 * commonSubsequence(candidate, reference) / both;
  }

  private static int commonSubsequence(int[] first, int[] second) {
    int[] above = new int[second.length + 1];
    for (int one : first) {
      int[] row = new int[second.length + 1];
      for (int at = 0; at < second.length; at++) {
        row[at + 1] = one == second[at] ? above[at] + 1 : Math.max(above[at + 1], row[at]);
      }
      above = row;
    }
    return above[second.length];
  }

  /// A candidate and what it should be.
  @SuppressWarnings("ArrayRecordComponent") // made and read within one measurement
  record Pair(int[] candidate, int[] reference) {}

  /// BLEU of a corpus: the geometric mean of the precisions of 1- to 4-grams, times the brevity
  /// penalty `exp(min(0, 1 − |references| / |candidates|))`; 0 where a precision is 0.
  ///
  /// Source: Papineni et al. 2002, one reference each, no smoothing.
  static double bleu(List<Pair> pairs) {
    double logarithms = 0;
    for (int size = 1; size <= LONGEST_GRAM; size++) {
      long matches = 0;
      long grams = 0;
      for (Pair pair : pairs) {
        Map<List<Integer>, Integer> expected = grams(pair.reference(), size);
        for (Map.Entry<List<Integer>, Integer> gram : grams(pair.candidate(), size).entrySet()) {
          matches += Math.min(gram.getValue(), expected.getOrDefault(gram.getKey(), 0));
          grams += gram.getValue();
        }
      }
      if (matches == 0) {
        return 0;
      }
      logarithms += Math.log((double) matches / grams) / LONGEST_GRAM;
    }
    long written = pairs.stream().mapToLong(pair -> pair.candidate().length).sum();
    long wanted = pairs.stream().mapToLong(pair -> pair.reference().length).sum();
    return Math.exp(logarithms + Math.min(0, 1 - (double) wanted / written));
  }

  private static Map<List<Integer>, Integer> grams(int[] ids, int size) {
    Map<List<Integer>, Integer> counts = new HashMap<>();
    for (int at = 0; at + size <= ids.length; at++) {
      List<Integer> gram = Arrays.stream(ids, at, at + size).boxed().toList();
      counts.merge(gram, 1, Integer::sum);
    }
    return counts;
  }
}
