package dev.lengthwise.tokenizer.sentencepiece;

import dev.lengthwise.tokenizer.IntList;
import java.util.Arrays;
import java.util.stream.IntStream;

/// SentencePiece BPE: starts from single characters and joins, again and again, the two neighbours
/// whose joint piece has the highest score, the leftmost of equals, until no two neighbours make a
/// piece. `O(n log n)` in the length of the text.
///
/// Inside, a symbol is the id of a piece, or `size + c` for a character `c` that is no piece.
public final class MergeSegmenter implements Segmenter {

  private final Pieces pieces;
  private final int[] ranks;
  private final boolean joining;
  private final LongIntTable joints = new LongIntTable();

  private MergeSegmenter(Pieces pieces, boolean joining) {
    this.pieces = pieces;
    this.ranks = ranks(pieces);
    this.joining = joining;
    for (int id = 0; joining && id < pieces.size(); id++) {
      String text = pieces.get(id).text();
      if (pieces.get(id).kind() == Pieces.Kind.NORMAL && pieces.find(text) == id) {
        addJoints(text, id);
      }
    }
  }

  /// Joins neighbours by score.
  public static MergeSegmenter byScore(Pieces pieces) {
    return new MergeSegmenter(pieces, true);
  }

  /// Joins nothing: every character is a piece of its own.
  static MergeSegmenter characters(Pieces pieces) {
    return new MergeSegmenter(pieces, false);
  }

  /// Whether it joins anything.
  boolean joining() {
    return joining;
  }

  @Override
  public void segment(String text, IntList ids) {
    int[] symbols = text.codePoints().map(this::symbol).toArray();
    join(symbols);
    for (int symbol : symbols) {
      if (symbol >= pieces.size()) {
        pieces.addUnspelled(Character.toString(symbol - pieces.size()), ids);
      } else if (symbol >= 0) {
        ids.add(symbol);
      }
    }
  }

  /// Joins in place: the left place of a joint holds it, the right one becomes −1.
  private void join(int[] symbols) {
    int count = symbols.length;
    int[] next = IntStream.rangeClosed(1, count).toArray();
    int[] previous = IntStream.range(-1, count).toArray();
    LongHeap queue = new LongHeap();
    for (int at = 0; at + 1 < count; at++) {
      offer(symbols, at, at + 1, queue);
    }
    while (!queue.isEmpty()) {
      long best = queue.remove();
      int at = (int) best;
      int right = symbols[at] < 0 ? count : next[at];
      int joint = right == count ? -1 : joint(symbols[at], symbols[right]);
      if (joint < 0 || ranks[joint] != best >>> 32) {
        continue; // a neighbour has been joined since
      }
      symbols[at] = joint;
      symbols[right] = -1;
      next[at] = next[right];
      previous[next[at]] = at;
      if (next[at] < count) {
        offer(symbols, at, next[at], queue);
      }
      if (previous[at] >= 0) {
        offer(symbols, previous[at], at, queue);
      }
    }
  }

  /// Queues a joint: the better score first, then the place further left.
  private void offer(int[] symbols, int left, int right, LongHeap queue) {
    int joint = joint(symbols[left], symbols[right]);
    if (joint >= 0) {
      queue.add((long) ranks[joint] << 32 | left);
    }
  }

  private int joint(int left, int right) {
    return joints.get((long) left << 32 | right);
  }

  private void addJoints(String text, int id) {
    for (int cut = 1; cut < text.length(); cut++) {
      if (Character.isLowSurrogate(text.charAt(cut))) {
        continue;
      }
      int left = symbol(text.substring(0, cut));
      int right = symbol(text.substring(cut));
      if (left >= 0 && right >= 0) {
        joints.putIfAbsent((long) left << 32 | right, id);
      }
    }
  }

  private int symbol(String text) {
    boolean character = text.codePointCount(0, text.length()) == 1;
    return character ? symbol(text.codePointAt(0)) : pieces.find(text);
  }

  private int symbol(int character) {
    int id = pieces.find(Character.toString(character));
    return id >= 0 ? id : pieces.size() + character;
  }

  /// The place of each piece in the order of scores, the same for equal scores.
  private static int[] ranks(Pieces pieces) {
    float[] scores = new float[pieces.size()];
    for (int id = 0; id < scores.length; id++) {
      scores[id] = -pieces.get(id).score();
    }
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    int distinct = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || Float.compare(sorted[i], sorted[distinct - 1]) != 0) {
        sorted[distinct++] = sorted[i];
      }
    }
    int[] ranks = new int[scores.length];
    for (int id = 0; id < ranks.length; id++) {
      ranks[id] = Arrays.binarySearch(sorted, 0, distinct, scores[id]);
    }
    return ranks;
  }
}
