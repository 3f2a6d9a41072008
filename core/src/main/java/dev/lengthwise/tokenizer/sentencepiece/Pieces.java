package dev.lengthwise.tokenizer.sentencepiece;

import dev.lengthwise.tokenizer.IntList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The pieces of a SentencePiece vocabulary: an id is a place in the list.
public final class Pieces {

  /// What a piece is for; the numbers are those of SentencePiece files and of GGUF.
  public enum Kind {
    /// Found in texts.
    NORMAL(1),
    /// Stands for what no piece can spell.
    UNKNOWN(2),
    /// Never in a text.
    CONTROL(3),
    /// Found in texts before all others and never split.
    USER_DEFINED(4),
    /// Never found; its bytes still decode.
    UNUSED(5),
    /// One byte of a character that no piece can spell.
    BYTE(6);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /// Whether a text may hold it.
    boolean inTexts() {
      return this == NORMAL || this == USER_DEFINED;
    }

    /// How files write the kind.
    public int number() {
      return number;
    }

    /// The kind with the number `number` (1 to 6); unknown numbers are normal, as elsewhere.
    public static Kind of(int number) {
      return number < 1 || number > values().length ? NORMAL : values()[number - 1];
    }
  }

  /// One piece.
  ///
  /// @param text with `▁` for the space
  /// @param score how much the piece is preferred: higher is better
  /// @param kind what it is for
  public record Piece(String text, float score, Kind kind) {}

  private final List<Piece> pieces;
  private final Map<String, Integer> found = new HashMap<>();
  private final int[] byteIds = new int[256];
  private final int unknown;

  /// @param pieces all pieces in the order of their ids
  /// @param unknown id for what cannot be spelled; −1 leaves it out
  public Pieces(List<Piece> pieces, int unknown) {
    this.pieces = List.copyOf(pieces);
    this.unknown = unknown;
    Arrays.fill(byteIds, -1);
    for (int id = 0; id < pieces.size(); id++) {
      Piece piece = pieces.get(id);
      if (piece.kind.inTexts()) {
        found.putIfAbsent(piece.text, id);
      } else if (piece.kind == Kind.BYTE) {
        int value = SentencePieces.byteValue(piece.text);
        if (value >= 0) {
          byteIds[value] = id;
        }
      }
    }
  }

  int size() {
    return pieces.size();
  }

  Piece get(int id) {
    return pieces.get(id);
  }

  /// All pieces, by id.
  public List<Piece> all() {
    return pieces;
  }

  /// The id of a piece that texts may hold, or −1.
  int find(String text) {
    return found.getOrDefault(text, -1);
  }

  /// Adds the ids that spell a character without a piece: its bytes, or else one unknown id for a
  /// whole run of such characters.
  void addUnspelled(String character, IntList ids) {
    byte[] utf8 = character.getBytes(StandardCharsets.UTF_8);
    for (byte value : utf8) {
      if (byteIds[value & 0xFF] < 0) {
        if (unknown >= 0 && !ids.endsWith(unknown)) {
          ids.add(unknown);
        }
        return;
      }
    }
    for (byte value : utf8) {
      ids.add(byteIds[value & 0xFF]);
    }
  }

  /// The ids of the pieces that no text spells, by name.
  public Map<String, Integer> controls() {
    Map<String, Integer> controls = new HashMap<>();
    for (int id = 0; id < pieces.size(); id++) {
      Piece piece = pieces.get(id);
      if (piece.kind == Kind.CONTROL || piece.kind == Kind.UNKNOWN) {
        controls.putIfAbsent(piece.text, id);
      }
    }
    return controls;
  }

  /// The bytes of every id when decoding; unknown pieces give `unknownText`.
  public List<byte[]> bytes(String unknownText) {
    List<byte[]> bytes = new ArrayList<>(pieces.size());
    for (Piece piece : pieces) {
      bytes.add(
          switch (piece.kind) {
            case CONTROL -> new byte[0];
            case UNKNOWN -> unknownText.getBytes(StandardCharsets.UTF_8);
            case BYTE -> SentencePieces.bytes(piece.text, true);
            case NORMAL, USER_DEFINED, UNUSED -> SentencePieces.bytes(piece.text, false);
          });
    }
    return bytes;
  }
}
