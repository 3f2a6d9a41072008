package dev.lengthwise.tokenizer.sentencepiece;

import dev.lengthwise.LengthwiseException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// The replacement rules of a SentencePiece model (`precompiled_charsmap`): at each place the
/// longest known byte sequence is replaced, and a character without a rule stays.
///
/// The file holds them as the size of a double-array trie in bytes (32 bits, little-endian), the
/// trie in the units of the Darts-clone library, and the replacements as zero-terminated UTF-8. So
/// `nmt_nfkc` and every other rule set is followed exactly.
final class CharacterMap {

  /// No rules.
  static final CharacterMap IDENTITY = new CharacterMap(new byte[0], new int[0], new byte[0]);

  private final byte[] content;
  private final int[] trie;
  private final byte[] replacements;

  private CharacterMap(byte[] content, int[] trie, byte[] replacements) {
    this.content = content;
    this.trie = trie;
    this.replacements = replacements;
  }

  /// Reads the rules; empty content has none.
  ///
  /// @param origin the file, for errors
  static CharacterMap read(byte[] content, String origin) {
    if (content.length == 0) {
      return IDENTITY;
    }
    ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    int size = content.length < 4 ? -1 : buffer.getInt();
    if (size <= 0 || size % 4 != 0 || size > buffer.remaining()) {
      throw new LengthwiseException(
          origin
              + " has damaged normalization rules: expected a table of at most "
              + content.length
              + " bytes, found "
              + size
              + "; fetch the file again");
    }
    int[] trie = new int[size / 4];
    buffer.asIntBuffer().get(trie);
    byte[] replacements = new byte[buffer.remaining() - size];
    buffer.position(buffer.position() + size).get(replacements);
    return new CharacterMap(content.clone(), trie, replacements);
  }

  /// The rules as they lie in a file.
  byte[] content() {
    return content.clone();
  }

  /// `text` with every rule applied.
  String apply(String text) {
    if (trie.length == 0) {
      return text;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream result = new ByteArrayOutputStream(utf8.length);
    int at = 0;
    while (at < utf8.length) {
      long match = longest(utf8, at);
      int length = (int) (match >>> 32);
      if (length == 0) {
        length = characterLength(utf8, at);
        result.write(utf8, at, length);
      } else {
        writeReplacement((int) match, result);
      }
      at += length;
    }
    return result.toString(StandardCharsets.UTF_8);
  }

  /// The longest rule at `from`: its length in the upper half, its replacement's place in the
  /// lower; length 0 for none.
  private long longest(byte[] utf8, int from) {
    long best = 0;
    int node = offset(trie[0]);
    for (int i = from; i < utf8.length; i++) {
      node ^= utf8[i] & 0xFF;
      if (node < 0 || node >= trie.length || (trie[node] & 0x800000FF) != (utf8[i] & 0xFF)) {
        break;
      }
      boolean leaf = (trie[node] >>> 8 & 1) != 0;
      node ^= offset(trie[node]);
      if (leaf && node >= 0 && node < trie.length) {
        best = (long) (i - from + 1) << 32 | (trie[node] & 0x7FFFFFFF);
      }
    }
    return best;
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 0x200) >>> 6);
  }

  private void writeReplacement(int from, ByteArrayOutputStream result) {
    for (int i = from; i < replacements.length && replacements[i] != 0; i++) {
      result.write(replacements[i]);
    }
  }

  private static int characterLength(byte[] utf8, int at) {
    int first = utf8[at] & 0xFF;
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  }
}
