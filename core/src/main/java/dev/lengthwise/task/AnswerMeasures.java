package dev.lengthwise.task;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How well an answer that was found agrees with those that are right.
///
/// Sources: P. Rajpurkar et al. 2016, "SQuAD", and its script; Y. Cui et al. 2019, "A
/// span-extraction dataset for Chinese machine reading comprehension" (CMRC 2018), and its script.
public enum AnswerMeasures {
  /// Words, without marks of ASCII and English articles; F1 of the words that both have.
  SQUAD,
  /// Chinese characters and words of other scripts, without marks; F1 of the longest part that both
  /// have.
  CMRC;

  private static final String SQUAD_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  private static final String CMRC_MARKS = "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』";
  private static final int FIRST_CHINESE = 0x4E00;
  private static final int LAST_CHINESE = 0x9FA5;

  /// The measure that suits answers: CMRC where more than half of them have Chinese characters.
  public static AnswerMeasures suiting(List<String> answers) {
    long chinese =
        answers.stream().filter(text -> text.chars().anyMatch(AnswerMeasures::isChinese)).count();
    return 2 * chinese > answers.size() ? CMRC : SQUAD;
  }

  private static boolean isChinese(int character) {
    return character >= FIRST_CHINESE && character <= LAST_CHINESE;
  }

  /// Whether an answer is one of those that are right.
  ///
  /// @param right none where no answer is right
  double exact(String answer, List<String> right) {
    String own = plain(answer);
    return right.stream().anyMatch(other -> plain(other).equals(own))
            || (right.isEmpty() && own.isEmpty())
        ? 1
        : 0;
  }

  /// The greatest F1 with one of those that are right.
  double f1(String answer, List<String> right) {
    List<String> all = right.isEmpty() ? List.of("") : right;
    return all.stream().mapToDouble(other -> f1(words(answer), words(other))).max().orElse(0);
  }

  private double f1(List<String> answer, List<String> right) {
    if (answer.isEmpty() || right.isEmpty()) {
      return answer.equals(right) ? 1 : 0;
    }
    int common = this == SQUAD ? shared(answer, right) : longestPart(answer, right);
    return 2.0 * common / (answer.size() + right.size());
  }

  // As one text without what does not count.
  private String plain(String text) {
    return switch (this) {
      case SQUAD -> String.join(" ", words(text));
      case CMRC -> without(CMRC_MARKS, text.toLowerCase(Locale.ROOT).strip());
    };
  }

  private List<String> words(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return switch (this) {
      case SQUAD -> split(without(SQUAD_MARKS, lower).replaceAll("(?U)\\b(a|an|the)\\b", " "));
      case CMRC -> mixed(without(CMRC_MARKS, lower.strip()));
    };
  }

  private static String without(String marks, String text) {
    StringBuilder left = new StringBuilder();
    text.chars().filter(c -> marks.indexOf(c) < 0).forEach(c -> left.append((char) c));
    return left.toString();
  }

  private static List<String> split(String text) {
    List<String> words = new ArrayList<>(List.of(text.split("\\s+", -1)));
    words.removeIf(String::isEmpty);
    return words;
  }

  private static List<String> mixed(String text) {
    StringBuilder apart = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (isChinese(c)) {
                apart.append(' ').append((char) c).append(' ');
              } else {
                apart.append((char) c);
              }
            });
    return split(apart.toString());
  }

  private static int shared(List<String> one, List<String> other) {
    Map<String, Integer> left = new HashMap<>();
    one.forEach(word -> left.merge(word, 1, Integer::sum));
    int shared = 0;
    for (String word : other) {
      if (left.getOrDefault(word, 0) > 0) {
        left.merge(word, -1, Integer::sum);
        shared++;
      }
    }
    return shared;
  }

  // By dynamic programming over the ends of both.
  private static int longestPart(List<String> one, List<String> other) {
    int longest = 0;
    int[] before = new int[other.size() + 1];
    for (String word : one) {
      int[] now = new int[before.length];
      for (int n = 1; n < now.length; n++) {
        now[n] = word.equals(other.get(n - 1)) ? before[n - 1] + 1 : 0;
        longest = Math.max(longest, now[n]);
      }
      before = now;
    }
    return longest;
  }
}
