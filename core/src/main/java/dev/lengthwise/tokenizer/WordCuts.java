package dev.lengthwise.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Places where a text may be cut so that its parts, encoded alone, give the ids of the whole text.
///
/// Such a place lies before a single space between one of the characters of `before` and an ASCII
/// letter. There a tokenizer begins a new word whatever else the text holds; who makes a value
/// proves that for its kind ([PreTokenizer#cutsWords()], or no piece that spans such a place).
///
/// Long texts are encoded block by block in parallel, and each distinct word once: most of a long
/// text is repetition. Ids depend neither on the number of threads nor on their order.
///
/// @param before characters that may stand before the space; none for no cuts at all
/// @param dropsSpace whether the space is left out of the part that follows it, because encoding
///     puts one before every text
public record WordCuts(String before, boolean dropsSpace) {

  /// No place: texts stay whole.
  public static final WordCuts NONE = new WordCuts("", false);

  /// What may stand before the space: small letters and marks that end a part of a sentence.
  private static final String CANDIDATES = "abcdefghijklmnopqrstuvwxyz,.;:!?";

  /// Shorter texts stay whole: cutting them gains nothing.
  private static final int SHORT = 1 << 13;

  /// Characters of a block, the task of one thread.
  private static final int BLOCK = 1 << 16;

  /// Longer words are not kept: they hardly come again.
  private static final int LONG_WORD = 64;

  /// Distinct words that are kept, about 25 MiB.
  private static final int MOST_WORDS = 1 << 17;

  /// The cuts that no piece spans.
  ///
  /// @param pieces what may be found in a text and span a cut, with `▁` or a space for the space
  public static WordCuts avoiding(Stream<String> pieces, boolean dropsSpace) {
    boolean[] spanned = new boolean[128];
    pieces.forEach(
        piece -> {
          for (int i = 0; i + 1 < piece.length(); i++) {
            char next = piece.charAt(i + 1);
            if ((next == ' ' || next == '▁') && piece.charAt(i) < spanned.length) {
              spanned[piece.charAt(i)] = true;
            }
          }
        });
    StringBuilder before = new StringBuilder();
    CANDIDATES.chars().filter(c -> !spanned[c]).forEach(c -> before.append((char) c));
    return new WordCuts(before.toString(), dropsSpace);
  }

  /// The ids of `text`.
  ///
  /// @param whole encodes a part of it; called by several threads at once
  public int[] encode(String text, Function<String, int[]> whole) {
    return before.isEmpty() || text.length() < SHORT
        ? whole.apply(text)
        : encodeParts(text, BLOCK, whole);
  }

  /// The ids of a text of any length, cut wherever it may be.
  ///
  /// @param block characters of a block at least
  int[] encodeParts(String text, int block, Function<String, int[]> whole) {
    boolean[] may = new boolean[128];
    before.chars().forEach(c -> may[c] = true);
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int at = next(text, block, may); at < text.length(); at = next(text, at + block, may)) {
      starts.add(at);
    }
    starts.add(text.length());
    ConcurrentMap<String, int[]> known = new ConcurrentHashMap<>();
    List<int[]> blocks =
        IntStream.range(0, starts.size() - 1)
            .parallel()
            .mapToObj(i -> encodeWords(text, starts.get(i), starts.get(i + 1), may, known, whole))
            .toList();
    IntList ids = new IntList();
    blocks.forEach(ids::addAll);
    return ids.toArray();
  }

  private int[] encodeWords(
      String text,
      int start,
      int end,
      boolean[] may,
      ConcurrentMap<String, int[]> known,
      Function<String, int[]> whole) {
    IntList ids = new IntList();
    for (int from = start; from < end; ) {
      int to = Math.min(end, next(text, from + 1, may));
      String word = text.substring(from > 0 && dropsSpace ? from + 1 : from, to);
      int[] own = known.get(word);
      if (own == null) {
        own = whole.apply(word);
        if (word.length() <= LONG_WORD && known.size() < MOST_WORDS) {
          known.put(word, own);
        }
      }
      ids.addAll(own);
      from = to;
    }
    return ids.toArray();
  }

  /// The first place to cut at `from` or behind it; the end of the text where there is none.
  private static int next(String text, int from, boolean[] may) {
    int at = text.indexOf(' ', Math.min(Math.max(from, 1), text.length()));
    while (at >= 0 && !(before(text, at, may) && letterFollows(text, at))) {
      at = text.indexOf(' ', at + 1);
    }
    return at < 0 ? text.length() : at;
  }

  private static boolean before(String text, int space, boolean[] may) {
    char character = text.charAt(space - 1);
    return character < may.length && may[character];
  }

  private static boolean letterFollows(String text, int space) {
    int small = space + 1 < text.length() ? text.charAt(space + 1) | 0x20 : 0;
    return small >= 'a' && small <= 'z';
  }
}
