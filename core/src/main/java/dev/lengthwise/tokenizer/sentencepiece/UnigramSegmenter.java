package dev.lengthwise.tokenizer.sentencepiece;

import dev.lengthwise.tokenizer.IntList;
import java.util.Arrays;

/// SentencePiece unigram (Kudo 2018): of all ways to spell the text with pieces, the one whose
/// scores (logarithms of probabilities) have the highest sum, found by dynamic programming over the
/// text.
public final class UnigramSegmenter implements Segmenter {

  /// How much worse than the worst piece a character without a piece is.
  private static final float UNKNOWN_PENALTY = 10;

  private final Pieces pieces;
  private final float unknownScore;

  // A trie: steps maps (node, character) to the next node; node 0 is the root.
  private final LongIntTable steps = new LongIntTable();
  private int[] idAtNode = {-1};

  /// A segmenter for these pieces.
  public UnigramSegmenter(Pieces pieces) {
    this.pieces = pieces;
    float lowest = Float.POSITIVE_INFINITY;
    int nodes = 1;
    for (int id = 0; id < pieces.size(); id++) {
      Pieces.Piece piece = pieces.get(id);
      if (piece.kind() != Pieces.Kind.NORMAL || piece.text().isEmpty()) {
        continue;
      }
      lowest = Math.min(lowest, piece.score());
      int node = 0;
      for (int i = 0; i < piece.text().length(); i++) {
        node = steps.putIfAbsent(step(node, piece.text().charAt(i)), nodes);
        if (node == nodes) {
          nodes++;
        }
      }
      int known = idAtNode.length;
      if (node >= known) {
        idAtNode = Arrays.copyOf(idAtNode, Math.max(nodes, known + known / 2));
        Arrays.fill(idAtNode, known, idAtNode.length, -1);
      }
      if (idAtNode[node] < 0) {
        idAtNode[node] = id;
      }
    }
    idAtNode = extended(idAtNode, nodes);
    this.unknownScore = lowest - UNKNOWN_PENALTY;
  }

  @Override
  public void segment(String text, IntList ids) {
    int length = text.length();
    float[] score = new float[length + 1];
    int[] start = new int[length + 1]; // of the last piece of the best spelling up to here
    int[] last = new int[length + 1]; // its id, or −1 for a character without a piece
    Arrays.fill(start, -1);
    start[0] = 0;
    for (int from = 0; from < length; from += Character.charCount(text.codePointAt(from))) {
      int character = Character.charCount(text.codePointAt(from));
      boolean spelled = false;
      int node = 0;
      for (int to = from + 1; to <= length; to++) {
        node = steps.get(step(node, text.charAt(to - 1)));
        if (node < 0) {
          break;
        }
        int id = idAtNode[node];
        if (id >= 0) {
          offer(score, start, last, from, to, score[from] + pieces.get(id).score(), id);
          spelled |= to == from + character;
        }
      }
      if (!spelled) {
        offer(score, start, last, from, from + character, score[from] + unknownScore, -1);
      }
    }
    collect(text, start, last, ids);
  }

  private static void offer(
      float[] score, int[] start, int[] last, int from, int to, float sum, int id) {
    if (start[to] < 0 || sum > score[to]) {
      score[to] = sum;
      start[to] = from;
      last[to] = id;
    }
  }

  private void collect(String text, int[] start, int[] last, IntList ids) {
    int[] ends = new int[text.length()];
    int count = 0;
    for (int end = text.length(); end > 0; end = start[end]) {
      ends[count++] = end;
    }
    while (count > 0) {
      int end = ends[--count];
      if (last[end] >= 0) {
        ids.add(last[end]);
      } else {
        pieces.addUnspelled(text.substring(start[end], end), ids);
      }
    }
  }

  private static long step(int node, char character) {
    return (long) node << 16 | character;
  }

  private static int[] extended(int[] ids, int size) {
    int[] result = Arrays.copyOf(ids, size);
    if (size > ids.length) {
      Arrays.fill(result, ids.length, size, -1);
    }
    return result;
  }
}
