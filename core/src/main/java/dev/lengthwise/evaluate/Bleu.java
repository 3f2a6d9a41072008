package dev.lengthwise.evaluate;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// BLEU of a corpus, 0 to 100: the geometric mean of the precisions of 1- to 4-grams of words,
/// times the brevity penalty `exp(min(0, 1 − |references| / |candidates|))`.
///
/// Source: Papineni et al. 2002, with one reference each. Words are those of the script
/// mteval-v13a of NIST, and precisions without a match are smoothed: the first counts as half a
/// match, the next as a quarter, and so on (Post 2018, the default of sacrebleu, to whose numbers
/// these are equal).
final class Bleu {

  private static final int LONGEST_GRAM = 4;
  private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  // Signs stand alone but for those that belong to numbers or words: . , - and the apostrophe.
  private static final Pattern SIGN = Pattern.compile("([!-&(-+/:-@\\[-`{-~])");
  private static final Pattern AFTER_NO_DIGIT = Pattern.compile("([^0-9])([.,])");
  private static final Pattern BEFORE_NO_DIGIT = Pattern.compile("([.,])([^0-9])");
  private static final Pattern DASH_AFTER_DIGIT = Pattern.compile("([0-9])(-)");

  private Bleu() {}

  /// The score; 0 where no word is shared, or nothing was written.
  public static double of(List<TextPair> pairs) {
    long[] matches = new long[LONGEST_GRAM];
    long[] grams = new long[LONGEST_GRAM];
    long written = 0;
    long wanted = 0;
    for (TextPair pair : pairs) {
      List<String> candidate = words(pair.candidate());
      List<String> reference = words(pair.reference());
      written += candidate.size();
      wanted += reference.size();
      for (int size = 1; size <= LONGEST_GRAM; size++) {
        Map<List<String>, Integer> own = Grams.of(candidate, size);
        grams[size - 1] += Grams.count(own);
        matches[size - 1] += Grams.shared(own, Grams.of(reference, size));
      }
    }
    return written == 0
        ? 0
        : Math.exp(Math.min(0, 1 - (double) wanted / written)) * precision(matches, grams);
  }

  private static double precision(long[] matches, long[] grams) {
    double logarithms = 0;
    double smoothing = 1;
    for (int n = 0; n < LONGEST_GRAM; n++) {
      if (grams[n] == 0 || matches[0] == 0) {
        return 0;
      }
      double found = matches[n];
      if (matches[n] == 0) {
        smoothing /= 2;
        found = smoothing;
      }
      logarithms += Math.log(100 * found / grams[n]) / LONGEST_GRAM;
    }
    return Math.exp(logarithms);
  }

  static List<String> words(String text) {
    String line = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ");
    String plain =
        line.replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
    String cut = SIGN.matcher(" " + plain + " ").replaceAll(" $1 ");
    cut = AFTER_NO_DIGIT.matcher(cut).replaceAll("$1 $2 ");
    cut = BEFORE_NO_DIGIT.matcher(cut).replaceAll(" $1 $2");
    cut = DASH_AFTER_DIGIT.matcher(cut).replaceAll("$1 $2 ");
    return SPACE.splitAsStream(cut).filter(word -> !word.isEmpty()).toList();
  }
}
