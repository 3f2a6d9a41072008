package dev.lengthwise.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The alphabet of byte-level vocabularies (Radford et al. 2019): each of the 256 bytes is written
/// as one printable character. Bytes that are printable in Latin-1 stand for themselves; the others
/// take U+0100, U+0101, … in byte order.
public final class ByteLevel {

  private static final char[] CHARACTERS = characters();
  private static final int[] BYTES = bytes(CHARACTERS);

  private ByteLevel() {}

  /// The character that stands for the byte `value` (0 to 255).
  public static char character(int value) {
    return CHARACTERS[value];
  }

  /// The bytes that `piece` stands for; a piece with a character outside the alphabet (an added
  /// token that is listed among the pieces) stands for its own UTF-8 bytes.
  public static byte[] read(String piece) {
    byte[] bytes = new byte[piece.length()];
    for (int i = 0; i < bytes.length; i++) {
      char character = piece.charAt(i);
      if (character >= BYTES.length || BYTES[character] < 0) {
        return piece.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) BYTES[character];
    }
    return bytes;
  }

  private static char[] characters() {
    char[] characters = new char[256];
    int next = 0x100;
    for (int value = 0; value < 256; value++) {
      boolean printable = (value >= '!' && value <= '~') || (value >= 0xA1 && value != 0xAD);
      characters[value] = (char) (printable ? value : next++);
    }
    return characters;
  }

  private static int[] bytes(char[] characters) {
    int[] bytes = new int[0x200];
    Arrays.fill(bytes, -1);
    for (int value = 0; value < 256; value++) {
      bytes[characters[value]] = value;
    }
    return bytes;
  }
}
