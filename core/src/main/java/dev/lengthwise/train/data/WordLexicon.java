package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Words of several tokens, which are hidden as a whole. They are found in ids from left to right,
/// the longest first.
///
/// Chinese has no blanks between words: a model of characters guesses most of a word from its
/// rest. Source: Y. Cui et al. 2019, "Pre-Training with Whole Word Masking for Chinese BERT",
/// arXiv 1906.08101, whose words come from a dictionary.
public final class WordLexicon {

  /// The file beside prepared data that lists words, one a line.
  public static final String FILE = "words.txt";

  /// No words: every token stands alone.
  public static final WordLexicon NONE = new WordLexicon(new Node());

  private final Node root;

  private WordLexicon(Node root) {
    this.root = root;
  }

  private static final class Node {
    private final Map<Long, Node> next = new HashMap<>();
    private boolean word;
  }

  /// The words of [#FILE] in a folder; none where there is no such file.
  static WordLexicon in(Path folder, Tokenizer tokenizer) {
    return of(text(folder).lines().map(tokenizer::encode).toList());
  }

  /// What tells the words of one folder from those of another; empty where there are none.
  static String identity(Path folder) {
    String text = text(folder);
    return text.isEmpty() ? "" : FILE + " " + Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new LengthwiseException(
          "List of words " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }

  /// A lexicon of words; those of fewer than two tokens change nothing.
  public static WordLexicon of(List<int[]> words) {
    Node root = new Node();
    for (int[] word : words) {
      Node node = root;
      for (int id : word) {
        node = node.next.computeIfAbsent((long) id, _ -> new Node());
      }
      node.word = word.length > 0;
    }
    return new WordLexicon(root);
  }

  /// Tokens of the longest word that begins at `at` and ends before `until`; 1 where there is none.
  int length(long[] ids, int at, int until) {
    int longest = 1;
    @Nullable Node node = root;
    for (int place = at; place < until; place++) {
      node = node.next.get(ids[place]);
      if (node == null) {
        return longest;
      }
      longest = node.word ? place - at + 1 : longest;
    }
    return longest;
  }
}
