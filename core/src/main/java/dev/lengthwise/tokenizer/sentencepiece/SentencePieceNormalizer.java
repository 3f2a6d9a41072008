package dev.lengthwise.tokenizer.sentencepiece;

import java.nio.charset.StandardCharsets;

/// What SentencePiece does to a text before it cuts it.
///
/// @param characters the replacement rules that the model file carries
/// @param dummyPrefix whether a space is put in front of the text
/// @param removeExtraSpaces whether spaces at both ends go, and runs of them become one
public record SentencePieceNormalizer(
    CharacterMap characters, boolean dummyPrefix, boolean removeExtraSpaces) {

  /// A normalizer with the replacement rules that a file carries; empty ones are none.
  ///
  /// @param origin the file, for errors
  public static SentencePieceNormalizer of(
      byte[] rules, String origin, boolean dummyPrefix, boolean removeExtraSpaces) {
    return new SentencePieceNormalizer(
        CharacterMap.read(rules, origin), dummyPrefix, removeExtraSpaces);
  }

  /// The replacement rules as they lie in a file; empty for none.
  public byte[] rules() {
    return characters.content();
  }

  /// A normalizer without replacement rules that keeps all spaces.
  public static SentencePieceNormalizer plain(boolean dummyPrefix) {
    return new SentencePieceNormalizer(CharacterMap.IDENTITY, dummyPrefix, false);
  }

  /// Whether all that it changes are spaces, and a single space between two words only where every
  /// text begins with one.
  boolean keepsCharacters() {
    return characters == CharacterMap.IDENTITY && (dummyPrefix || !removeExtraSpaces);
  }

  /// `text` normalised, with `▁` for the space; the empty text stays empty.
  String apply(String text) {
    String valid = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String mapped = characters.apply(valid);
    String spaced = removeExtraSpaces ? collapse(mapped) : mapped;
    return (dummyPrefix && !spaced.isEmpty() ? " " + spaced : spaced)
        .replace(' ', SentencePieces.SPACE);
  }

  private static String collapse(String text) {
    StringBuilder result = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      boolean leading = result.isEmpty() || result.charAt(result.length() - 1) == ' ';
      if (character != ' ' || !leading) {
        result.append(character);
      }
    }
    if (!result.isEmpty() && result.charAt(result.length() - 1) == ' ') {
      result.setLength(result.length() - 1);
    }
    return result.toString();
  }
}
