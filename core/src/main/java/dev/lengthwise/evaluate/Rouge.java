package dev.lengthwise.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// ROUGE of a text, 0 to 1: `F1 = 2 · shared / (|candidate| + |reference|)` of runs of words
/// (ROUGE-1, ROUGE-2) or of the longest common subsequence (ROUGE-L).
///
/// Source: Lin 2004, with equal weights of precision and recall. Words are small ASCII letters and
/// digits, as in the program rouge-score; word stems are not formed.
final class Rouge {

  private static final Pattern NO_WORD = Pattern.compile("[^a-z0-9]+");

  private Rouge() {}

  /// ROUGE of runs of `size` words; 0 where one side has none.
  public static double ofGrams(int size, TextPair pair) {
    Map<List<String>, Integer> candidate = Grams.of(words(pair.candidate()), size);
    Map<List<String>, Integer> reference = Grams.of(words(pair.reference()), size);
    long all = Grams.count(candidate) + Grams.count(reference);
    return all == 0 ? 0 : 2.0 * Grams.shared(candidate, reference) / all;
  }

  /// ROUGE-L; 0 where one side has no words.
  public static double ofSubsequence(TextPair pair) {
    List<String> candidate = words(pair.candidate());
    List<String> reference = words(pair.reference());
    int all = candidate.size() + reference.size();
    return all == 0 ? 0 : 2.0 * commonSubsequence(candidate, reference) / all;
  }

  private static int commonSubsequence(List<String> first, List<String> second) {
    int[] above = new int[second.size() + 1];
    for (String one : first) {
      int[] row = new int[second.size() + 1];
      for (int at = 0; at < second.size(); at++) {
        row[at + 1] = one.equals(second.get(at)) ? above[at] + 1 : Math.max(above[at + 1], row[at]);
      }
      above = row;
    }
    return above[second.size()];
  }

  private static List<String> words(String text) {
    return NO_WORD
        .splitAsStream(text.toLowerCase(Locale.ROOT))
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
