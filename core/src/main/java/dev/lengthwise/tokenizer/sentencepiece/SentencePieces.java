package dev.lengthwise.tokenizer.sentencepiece;

import java.nio.charset.StandardCharsets;

/// How SentencePiece spells pieces: `▁` (U+2581) is the space, `<0x0A>` is one byte.
public final class SentencePieces {

  /// The character that stands for a space.
  public static final char SPACE = '▁';

  private SentencePieces() {}

  /// The bytes that `piece` adds to decoded text.
  ///
  /// @param byteFallback whether the model has pieces for single bytes
  public static byte[] bytes(String piece, boolean byteFallback) {
    int value = byteFallback ? byteValue(piece) : -1;
    return value >= 0
        ? new byte[] {(byte) value}
        : piece.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
  }

  /// The byte that a piece of the form `<0xNN>` stands for, or −1 for any other piece.
  public static int byteValue(String piece) {
    if (piece.length() != 6 || !piece.startsWith("<0x") || piece.charAt(5) != '>') {
      return -1;
    }
    int high = Character.digit(piece.charAt(3), 16);
    int low = Character.digit(piece.charAt(4), 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }
}
