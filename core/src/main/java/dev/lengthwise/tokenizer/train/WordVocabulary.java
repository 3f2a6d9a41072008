package dev.lengthwise.tokenizer.train;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A WordPiece vocabulary for small encoders: the marks of BERT, the most frequent words of some
/// texts in lower case without accents, and all of their characters, so that any other word is
/// spelt.
public final class WordVocabulary {

  /// What marks texts: what fills up, what is unknown, begin, end, and what is masked.
  public static final List<String> MARKS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  private static final Pattern WORD =
      Pattern.compile("\\p{IsIdeographic}|[\\p{L}\\p{N}&&[^\\p{IsIdeographic}]]+|[^\\s]");
  private static final String INSIDE = "##";

  private WordVocabulary() {}

  /// The pieces in the order of their ids.
  ///
  /// @param most words that are pieces of their own
  public static List<String> of(List<String> texts, int most) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String text : texts) {
      Matcher words = WORD.matcher(plain(text));
      while (words.find()) {
        counts.merge(words.group(), 1, Integer::sum);
      }
    }
    Set<String> pieces = new LinkedHashSet<>(MARKS);
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .limit(most)
        .forEach(entry -> pieces.add(entry.getKey()));
    Set<String> characters = new TreeSet<>();
    for (String word : counts.keySet()) {
      word.codePoints().mapToObj(Character::toString).forEach(characters::add);
    }
    pieces.addAll(characters);
    characters.forEach(character -> pieces.add(INSIDE + character));
    return new ArrayList<>(pieces);
  }

  private static String plain(String text) {
    return Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
        .replaceAll("\\p{Mn}+", "");
  }
}
