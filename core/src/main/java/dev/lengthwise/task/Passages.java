package dev.lengthwise.task;

import dev.lengthwise.generate.WholeText;
import dev.lengthwise.tokenizer.TextPieces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A text in overlapping windows, each behind the same tokens.
///
/// @param pieces of the whole text
/// @param windows in the order of the text
record Passages(TextPieces pieces, List<Window> windows) {

  /// Copies the list.
  Passages {
    windows = List.copyOf(windows);
  }

  /// Some pieces of the text.
  ///
  /// @param text with what stands around them
  /// @param row of the text that the first piece stands at
  /// @param first of the pieces
  /// @param count of the pieces
  record Window(WholeText text, int row, int first, int count) {

    /// Whether a piece is in it.
    boolean holds(int piece) {
      return piece >= first && piece < first + count;
    }

    /// The row of a piece.
    int rowOf(int piece) {
      return row + piece - first;
    }

    /// How far a piece is from the nearer end.
    int context(int piece) {
      return Math.min(piece - first, first + count - 1 - piece);
    }
  }

  /// Cuts a text.
  ///
  /// @param before ids of each window before the pieces
  /// @param after ids behind them
  /// @param type of the pieces and of what is behind them
  /// @param room pieces of a window at most
  /// @param stride pieces that neighbours share, fewer than `room`
  static Passages of(TextPieces pieces, int[] before, int[] after, int type, int room, int stride) {
    List<Window> windows = new ArrayList<>();
    int first = 0;
    int count;
    do {
      count = Math.min(room, pieces.count() - first);
      int[] ids = new int[before.length + count + after.length];
      int[] types = new int[ids.length];
      System.arraycopy(before, 0, ids, 0, before.length);
      System.arraycopy(pieces.ids(), first, ids, before.length, count);
      System.arraycopy(after, 0, ids, before.length + count, after.length);
      Arrays.fill(types, before.length, types.length, type);
      windows.add(new Window(new WholeText(ids, types), before.length, first, count));
      first += room - stride;
    } while (first - (room - stride) + count < pieces.count());
    return new Passages(pieces, windows);
  }

  /// The texts of the windows.
  List<WholeText> texts() {
    return windows.stream().map(Window::text).toList();
  }
}
