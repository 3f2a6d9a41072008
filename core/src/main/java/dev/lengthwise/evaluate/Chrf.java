package dev.lengthwise.evaluate;

import java.util.List;
import java.util.Map;

/// chrF of a corpus, 0 to 100: precision and recall of runs of 1 to 6 characters, averaged over
/// those lengths that both sides have, as `F2 = 5 · P · R / (4 · P + R)`. Spaces do not count.
///
/// Source: Popović 2015 (chrF2 with runs of 6); equal to the numbers of sacrebleu.
final class Chrf {

  private static final int LONGEST_GRAM = 6;
  private static final double RECALL = 4; // the square of 2: recall counts twice as much

  private Chrf() {}

  /// The score; 0 where nothing is shared.
  public static double of(List<TextPair> pairs) {
    long[] written = new long[LONGEST_GRAM];
    long[] wanted = new long[LONGEST_GRAM];
    long[] shared = new long[LONGEST_GRAM];
    for (TextPair pair : pairs) {
      List<Integer> candidate = characters(pair.candidate());
      List<Integer> reference = characters(pair.reference());
      for (int n = 0; n < LONGEST_GRAM; n++) {
        Map<List<Integer>, Integer> expected = Grams.of(reference, n + 1);
        if (!expected.isEmpty()) { // of shorter references, no run of this length counts
          Map<List<Integer>, Integer> own = Grams.of(candidate, n + 1);
          written[n] += Grams.count(own);
          wanted[n] += Grams.count(expected);
          shared[n] += Grams.shared(own, expected);
        }
      }
    }
    return score(written, wanted, shared);
  }

  private static double score(long[] written, long[] wanted, long[] shared) {
    double precision = 0;
    double recall = 0;
    int lengths = 0;
    for (int n = 0; n < LONGEST_GRAM; n++) {
      if (written[n] > 0 && wanted[n] > 0) {
        precision += (double) shared[n] / written[n];
        recall += (double) shared[n] / wanted[n];
        lengths++;
      }
    }
    return precision + recall == 0
        ? 0
        : 100 * (1 + RECALL) * precision * recall / (RECALL * precision + recall) / lengths;
  }

  private static List<Integer> characters(String text) {
    return text.codePoints().filter(c -> !isSpace(c)).boxed().toList();
  }

  private static boolean isSpace(int character) {
    return Character.isWhitespace(character) || Character.isSpaceChar(character);
  }
}
