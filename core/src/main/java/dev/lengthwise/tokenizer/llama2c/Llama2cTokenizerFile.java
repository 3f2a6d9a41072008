package dev.lengthwise.tokenizer.llama2c;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.sentencepiece.MergeSegmenter;
import dev.lengthwise.tokenizer.sentencepiece.Pieces;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceNormalizer;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceTokenizer;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieces;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Reads a tokenizer file of llama2.c: the longest token's length (i32), then for each token its
/// score (f32), length (i32) and bytes, little-endian, until the file ends.
///
/// Token 0 is the unknown one, 1 begins a text, 2 ends it; pieces named `<0xNN>` are bytes.
public final class Llama2cTokenizerFile {

  private static final int BEGIN = 1;
  private static final int END = 2;

  private Llama2cTokenizerFile() {}

  /// Whether `content` looks like such a file: a small length and then a score and a length.
  public static boolean matches(byte[] content) {
    return content.length >= 12
        && content[2] == 0
        && content[3] == 0
        && (content[0] | content[1]) != 0;
  }

  /// The tokenizer that `content` describes.
  ///
  /// @param origin the file, for errors
  /// @param name for reports
  public static Tokenizer open(byte[] content, String origin, String name) {
    List<Pieces.Piece> pieces = read(content, origin);
    Pieces table = new Pieces(pieces, 0);
    String sha256 = Sha256.of(content);
    Vocabulary vocabulary =
        new Vocabulary(
            table.bytes(""),
            table.controls(),
            new Vocabulary.Marks(OptionalInt.of(BEGIN), OptionalInt.of(END), true, false),
            Vocabulary.Spaces.leading(true),
            name,
            () -> sha256);
    return new SentencePieceTokenizer(
        vocabulary, table, SentencePieceNormalizer.plain(true), MergeSegmenter.byScore(table));
  }

  private static List<Pieces.Piece> read(byte[] content, String origin) {
    ByteBuffer in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    int longest = in.getInt();
    List<Pieces.Piece> pieces = new ArrayList<>();
    while (in.hasRemaining()) {
      int at = in.position();
      if (in.remaining() < 8) {
        throw damaged(origin, pieces.size(), at, "8 bytes of score and length", in.remaining());
      }
      float score = in.getFloat();
      int length = in.getInt();
      if (length < 0 || length > longest || length > in.remaining()) {
        int most = Math.min(longest, in.remaining());
        throw damaged(origin, pieces.size(), at, "a length from 0 to " + most, length);
      }
      String text = new String(content, in.position(), length, StandardCharsets.UTF_8);
      in.position(in.position() + length);
      Pieces.Kind kind =
          pieces.isEmpty()
              ? Pieces.Kind.UNKNOWN
              : pieces.size() <= END
                  ? Pieces.Kind.CONTROL
                  : SentencePieces.byteValue(text) >= 0 ? Pieces.Kind.BYTE : Pieces.Kind.NORMAL;
      pieces.add(new Pieces.Piece(text.replace(' ', SentencePieces.SPACE), score, kind));
    }
    if (pieces.size() <= END) {
      throw new LengthwiseException(
          origin
              + " has "
              + pieces.size()
              + " tokens: expected at least 3 (unknown, begin and end of text); the file may be cut"
              + " off, fetch it again");
    }
    return pieces;
  }

  private static LengthwiseException damaged(
      String origin, int token, int at, String expected, int found) {
    return new LengthwiseException(
        origin
            + " is not a complete llama2.c tokenizer: expected "
            + expected
            + " for token "
            + token
            + " at byte "
            + at
            + ", found "
            + found
            + "; fetch the file again");
  }
}
