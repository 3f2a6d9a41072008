package dev.lengthwise.tokenizer;

import dev.lengthwise.LengthwiseException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The ids of a text, and which part of the text each is: `text.substring(starts[n], ends[n])`,
/// without spaces around it. Several pieces of one character all have that character.
///
/// @param ids as [Tokenizer#encode] gives them
/// @param starts first characters of the pieces, counted as Java's strings do
/// @param ends characters behind the last ones
@SuppressWarnings("ArrayRecordComponent") // the numbers of one text on their way, never compared
public record TextPieces(int[] ids, int[] starts, int[] ends) {

  /// Checks the numbers against one another.
  public TextPieces {
    if (ids.length != starts.length || ids.length != ends.length) {
      throw new IllegalArgumentException("every piece has a first and a last character");
    }
  }

  /// Number of pieces.
  public int count() {
    return ids.length;
  }

  /// The pieces of a text without the spaces around them.
  static TextPieces of(String text, int[] ids, int[] starts, int[] ends) {
    int[] first = starts.clone();
    int[] last = ends.clone();
    for (int n = 0; n < ids.length; n++) {
      while (first[n] < last[n] && Character.isWhitespace(text.charAt(first[n]))) {
        first[n]++;
      }
      while (first[n] < last[n] && Character.isWhitespace(text.charAt(last[n] - 1))) {
        last[n]--;
      }
    }
    return new TextPieces(ids, first, last);
  }

  /// The pieces of a text whose bytes are those of its tokens, one after the other.
  ///
  /// @throws LengthwiseException where they are not: the tokenizer changes texts
  static TextPieces byBytes(Tokenizer tokenizer, String text) {
    int[] ids = tokenizer.encode(text);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int[] until = new int[ids.length];
    for (int n = 0; n < ids.length; n++) {
      all.writeBytes(tokenizer.bytes(ids[n]));
      until[n] = all.size();
    }
    byte[] own = text.getBytes(StandardCharsets.UTF_8);
    int added = all.size() - own.length;
    if (added < 0
        || added > 1
        || !Arrays.equals(own, Arrays.copyOfRange(all.toByteArray(), added, all.size()))) {
      throw new LengthwiseException(
          "The tokenizer %s changes texts, so that nobody knows which part of a text a token is; take a model with a tokenizer.json."
              .formatted(tokenizer.name()));
    }
    int[] characters = characters(text, own.length);
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int n = 0; n < ids.length; n++) {
      int from = n == 0 ? 0 : Math.max(0, until[n - 1] - added);
      int to = Math.max(0, until[n] - added);
      starts[n] = characters[from];
      ends[n] =
          to == from ? characters[from] : characters[to - 1] + width(text, characters[to - 1]);
    }
    return of(text, ids, starts, ends);
  }

  private static int width(String text, int at) {
    return Character.charCount(text.codePointAt(at));
  }

  // The character that each byte belongs to, and the end of the text.
  private static int[] characters(String text, int bytes) {
    int[] characters = new int[bytes + 1];
    int at = 0;
    for (int character = 0; character < text.length(); character += width(text, character)) {
      int point = text.codePointAt(character);
      int length = Character.toString(point).getBytes(StandardCharsets.UTF_8).length;
      Arrays.fill(characters, at, at + length, character);
      at += length;
    }
    characters[bytes] = text.length();
    return characters;
  }

  /// The pieces of a text whose places are counted in code points.
  public static TextPieces ofCodePoints(String text, int[] ids, int[] starts, int[] ends) {
    int[] characters = new int[text.codePointCount(0, text.length()) + 1];
    for (int n = 1; n < characters.length; n++) {
      characters[n] = text.offsetByCodePoints(characters[n - 1], 1);
    }
    return of(text, ids, at(characters, starts), at(characters, ends));
  }

  private static int[] at(int[] characters, int[] points) {
    return Arrays.stream(points).map(point -> characters[point]).toArray();
  }
}
